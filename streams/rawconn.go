package streams

import (
	"context"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// A rawConn is a syscall.RawConn that any goroutine may use.
type rawConn struct {
	owner   *conn.Owner
	bound   context.Context // on which its calls wait; nil: the innermost scope
	open    func(ctx context.Context) (syscall.RawConn, error)
	opError func(op string, err error) error
}

func (r rawConn) call(op string, call func(raw syscall.RawConn) error) error {
	_, err := conn.Call(r.owner, r.bound, func(ctx context.Context) (int, error) {
		raw, err := r.open(ctx)
		if err != nil {
			return 0, err
		}
		return 0, call(raw)
	})
	return r.opError(op, err)
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
