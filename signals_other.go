//go:build !unix

package asyncio

import "os"

// uncatchable are the signals that no program handles.
var uncatchable = []os.Signal{os.Kill}
