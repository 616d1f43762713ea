package streams

import (
	"os"

	"golang.org/x/sys/windows"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// openPipe returns an endpoint with a handle of its own for the file.
func openPipe(owner *conn.Owner, f *os.File) (*pipeEndpoint, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	var own windows.Handle
	var failed error
	err = raw.Control(func(fd uintptr) {
		self := windows.CurrentProcess()
		failed = windows.DuplicateHandle(self, windows.Handle(fd), self, &own, 0, false, windows.DUPLICATE_SAME_ACCESS)
	})
	if err != nil {
		return nil, os.ErrClosed // its own error is none of package os
	}
	if failed != nil {
		return nil, os.NewSyscallError("DuplicateHandle", failed)
	}
	return &pipeEndpoint{Stream: conn.NewThreadedStream(owner.Core(), newWindowsFile(own, f.Name()))}, nil
}
