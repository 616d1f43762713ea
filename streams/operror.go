package streams

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/asyncio-go/asyncio"
)

// opError makes an error of a connection one as package net has them.
func (l *link) opError(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &net.OpError{Op: op, Net: l.network, Source: l.local, Addr: l.remote, Err: reason(err)}
}

// reason is the inner error of an OpError.
func reason(err error) error {
	switch {
	case errors.Is(err, asyncio.ErrLoopClosed):
		return net.ErrClosed
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return cutShort{err}
	default:
		return err
	}
}

// A cutShort is the error of a call whose context is canceled. It says that it
// is temporary, for the connection is as good as before: a tls.Conn can be read
// again after that, as it can after a deadline.
type cutShort struct{ error }

func (e cutShort) Unwrap() error   { return e.error }
func (e cutShort) Temporary() bool { return true }
func (e cutShort) Timeout() bool   { return errors.Is(e.error, context.DeadlineExceeded) }
