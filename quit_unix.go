//go:build unix

package asyncio

import (
	"os"
	"syscall"
)

// quitSignal asks a program what it is doing.
var quitSignal os.Signal = syscall.SIGQUIT
