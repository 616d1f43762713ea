package streams

import (
	"os"

	"golang.org/x/sys/windows"
)

// open gives the pipe a handle of its own for the file.
func (p *pipe) open(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var own windows.Handle
	var failed error
	err = raw.Control(func(fd uintptr) {
		self := windows.CurrentProcess()
		failed = windows.DuplicateHandle(self, windows.Handle(fd), self, &own, 0, false, windows.DUPLICATE_SAME_ACCESS)
	})
	if err != nil {
		return os.ErrClosed // what it says otherwise, none of os's errors is
	}
	if failed != nil {
		return os.NewSyscallError("DuplicateHandle", failed)
	}
	p.file = newFilePipe(p.home.Core(), newFileOfWindows(own, p.name))
	return nil
}
