package streams

import (
	"context"
	"syscall"
)

// A rawConn is a syscall.RawConn for any goroutine.
type rawConn struct {
	do      func(call func(ctx context.Context) (int, error)) error
	open    func(ctx context.Context) (syscall.RawConn, error) // loop only
	opError func(op string, err error) error                   // makes an error of the connection's
}

func (r rawConn) call(op string, call func(raw syscall.RawConn) error) error {
	return r.opError(op, r.do(func(ctx context.Context) (int, error) {
		raw, err := r.open(ctx)
		if err != nil {
			return 0, err
		}
		return 0, call(raw)
	}))
}

// Control makes a rawConn a syscall.RawConn, as the others do.
func (r rawConn) Control(f func(fd uintptr)) error {
	return r.call("raw-control", func(raw syscall.RawConn) error { return raw.Control(f) })
}

func (r rawConn) Read(f func(fd uintptr) bool) error {
	return r.call("raw-read", func(raw syscall.RawConn) error { return raw.Read(f) })
}

func (r rawConn) Write(f func(fd uintptr) bool) error {
	return r.call("raw-write", func(raw syscall.RawConn) error { return raw.Write(f) })
}
