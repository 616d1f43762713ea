//go:build !unix

package asyncio

import "os"

// quitSignal is nil: there is none.
var quitSignal os.Signal
