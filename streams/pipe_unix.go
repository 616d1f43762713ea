//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// openPipe returns an endpoint with a descriptor of its own for the file.
func openPipe(owner *conn.Owner, f *os.File) (*pipeEndpoint, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	end := new(pipeEndpoint)
	if raw.Control(func(fd uintptr) { err = end.open(owner, int(fd), f.Name()) }) != nil {
		return nil, os.ErrClosed // its own error is none of package os
	}
	return end, err
}

func (e *pipeEndpoint) open(owner *conn.Owner, shared int, name string) error {
	flags, err := unix.FcntlInt(uintptr(shared), unix.F_GETFL, 0)
	if err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	access := flags & unix.O_ACCMODE
	sys, blocks, err := ownDescriptor(shared, access, flags&unix.O_NONBLOCK != 0)
	if err != nil {
		return err
	}
	e.reads = access == unix.O_RDONLY && !blocks
	switch l := owner.Core(); {
	case blocks, !polls(owner):
		e.Stream = conn.NewThreadedStream(l, os.NewFile(uintptr(sys), name))
		return nil
	case access == unix.O_RDONLY:
		e.Stream, err = conn.OpenEnd(l, sys, engine.Readable, nil)
	case access == unix.O_WRONLY:
		e.Stream, err = conn.OpenEnd(l, sys, engine.Writable, func() { e.leave(syscall.EPIPE) })
	default:
		e.Stream, err = conn.Open(l, sys, conn.AnyKind)
	}
	return err
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
