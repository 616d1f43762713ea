//go:build unix

package asyncio

import (
	"os"
	"syscall"
)

// uncatchable are the signals that no program handles.
var uncatchable = []os.Signal{syscall.SIGKILL, syscall.SIGSTOP}
