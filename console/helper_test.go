package console

import "runtime"

// hereIs is a program counter of this file.
var hereIs, _, _, _ = runtime.Caller(0)
