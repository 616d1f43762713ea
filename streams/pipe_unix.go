//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"context"
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/aio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// open gives the pipe a descriptor of its own for the file.
func (p *pipe) open(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var failed error
	if raw.Control(func(fd uintptr) { failed = p.openSys(int(fd)) }) != nil {
		return os.ErrClosed // what it says otherwise, none of os's errors is
	}
	return failed
}

func (p *pipe) openSys(shared int) error {
	flags, err := unix.FcntlInt(uintptr(shared), unix.F_GETFL, 0)
	if err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	access := flags & unix.O_ACCMODE
	sys, blocks, err := ownDescriptor(shared, access, flags&unix.O_NONBLOCK != 0)
	if err != nil {
		return err
	}
	p.reads = access == unix.O_RDONLY && !blocks
	switch l := p.home.Core(); {
	case blocks, !native(p.home):
		p.file = newFilePipe(l, os.NewFile(uintptr(sys), p.name))
		return nil
	case access == unix.O_RDONLY:
		return p.use(aio.OpenEnd(l, sys, engine.Readable, nil))
	case access == unix.O_WRONLY:
		return p.use(aio.OpenEnd(l, sys, engine.Writable, func() { p.leave(syscall.EPIPE) }))
	default:
		return p.use(aio.Open(l, sys, aio.Other))
	}
}

func (p *pipe) use(fd *aio.FD, err error) error {
	p.file = fdPipe{fd}
	return err
}

// An fdPipe is a pipeFile that the loop itself waits for.
type fdPipe struct{ *aio.FD }

// SyscallConn makes an fdPipe a pipeFile.
func (p fdPipe) SyscallConn(ctx context.Context) (syscall.RawConn, error) {
	return rawFD{ctx, p.FD}, nil
}

// A fileKind is what matters here about an open file.
type fileKind int

const (
	unpolled fileKind = iota // no poller can wait for it
	private                  // it is rarely shared with others, or cannot be opened anew
	fifo                     // a pipe, too
	terminal                 // always shared: with the shell, and often with os.Stdout
)

// ownDescriptor returns a descriptor for what shared is open for, and whether
// its calls block.
func ownDescriptor(shared, access int, nonblock bool) (sys int, blocks bool, err error) {
	kind, err := kindOf(shared)
	if err != nil {
		return -1, false, err
	}
	if !nonblock && kind >= fifo {
		if sys, err := reopen(shared, access); err == nil {
			return sys, false, nil
		}
	}
	sys, err = unix.FcntlInt(uintptr(shared), unix.F_DUPFD_CLOEXEC, 0)
	switch {
	case err != nil:
		return -1, false, os.NewSyscallError("fcntl", err)
	case kind == unpolled, kind == terminal && !nonblock:
		return sys, true, nil
	case nonblock:
		return sys, false, nil
	}
	if err := unix.SetNonblock(sys, true); err != nil {
		return -1, false, errors.Join(os.NewSyscallError("fcntl", err), unix.Close(sys))
	}
	return sys, false, nil
}

func kindOf(fd int) (fileKind, error) {
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return unpolled, os.NewSyscallError("fstat", err)
	}
	switch stat.Mode & unix.S_IFMT {
	case unix.S_IFIFO:
		return fifo, nil
	case unix.S_IFSOCK:
		return private, nil
	case unix.S_IFCHR:
		return kindOfDevice(fd), nil
	default:
		return unpolled, nil
	}
}
