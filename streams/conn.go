package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/conn"
)

// A Conn is a connection whose Read and Write suspend the calling task, and not
// the loop. It is a net.Conn, and what works on those works on it: bufio,
// io.Copy, crypto/tls, net/textproto, encoding/json, http.ReadRequest. In
// Python: the pair of StreamReader and StreamWriter, or a Transport.
//
// Read, Write and what is built on them wait on the scope that the calling task
// has opened last, that is, on its context or on that of the innermost
// WithTimeout or WithTaskGroup; WithContext binds another one. When that is
// canceled, they return an error that is asyncio.ErrCanceled. Nothing is lost
// by it: what a Read has not returned, the next will. Of a Write that was
// canceled, a part may have been sent; it says how much.
//
// One task may read while another one writes. Two that read at once are told
// ErrBusy. Two that write take turns, and their bytes are not mixed.
//
// Goroutines that are not the loop's, an http.Transport's for example, may call
// all methods as well: what they ask for is done on the loop, and they block
// until it is; a task of another loop suspends. Of several that read, one reads
// after the other. Only Close, the deadlines and the options do not wait there:
// an option that the system refuses is reported to the loop's exception handler.
//
// Errors are as those of package net: a *net.OpError with net.ErrClosed after
// Close and after the end of the loop, os.ErrDeadlineExceeded after a deadline,
// or an error of the system; os.ErrInvalid from a nil Conn and the zero value. A
// Conn that is left open is closed by Run, which reports it in debug mode. In
// Python: ResourceWarning, unclosed transport.
type Conn struct {
	h     *connHandle
	bound context.Context // on which reads and writes wait; nil: the innermost scope
}

// A connHandle is what a Conn shares with the Conns that WithContext has made of
// it.
type connHandle struct {
	netHandle[conn.Stream]
	keeper
	below   *connHandle   // that of the connection which this one speaks TLS on; nil: there is none
	ended   atomic.Bool   // Read has met the end
	reading *asyncio.Lock // held for a goroutine that is not the loop's, while it reads; nil: none ever has
}

// opError is that of a netHandle, for a connection that can be used after a
// cancellation.
func (h *connHandle) opError(op string, err error) error { return h.wrap(op, err, true) }

// newConn returns a connection that belongs to a loop.
func newConn(owner *conn.Owner, end conn.Stream, network string, local, remote net.Addr) *Conn {
	h := &connHandle{netHandle: newNetHandle(owner, end, network, local, remote)}
	if owner.Core().Debug {
		end.NotifyClose(h.reportLeftOpen)
	}
	return &Conn{h: h}
}

// reportLeftOpen reports a connection that no one has closed.
func (h *connHandle) reportLeftOpen(atEnd bool) {
	if atEnd {
		h.Owner.Loop().CallExceptionHandler(asyncio.ExceptionContext{
			Message: fmt.Sprintf("a connection was left open, %s %v to %v: close it when it has served", h.network, h.local, h.remote),
		})
	}
}

// ok reports whether it is neither nil nor the zero value, of which all methods
// return os.ErrInvalid.
func (c *Conn) ok() bool { return c != nil && c.h != nil }

// do makes a call that does not suspend, wherever the calling goroutine is.
// Callbacks may make it.
func (c *Conn) do(op string, call func() error) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.do(op, call)
}

// WithContext returns the same connection with another context for its reads and
// writes to wait on. It is for code that takes a net.Conn, which would otherwise
// wait on the innermost scope of whichever task calls it. Both share everything
// else: closing one closes the other, and so with deadlines.
func (c *Conn) WithContext(ctx context.Context) net.Conn {
	if ctx == nil {
		panic("streams: Conn.WithContext(nil): pass the context on which reads and writes are to wait")
	}
	if c == nil {
		c = new(Conn)
	}
	return &Conn{c.h, ctx}
}

// Read reads what there is, and suspends the task while there is nothing. At
// the end it returns io.EOF. An empty p returns at once.
func (c *Conn) Read(p []byte) (n int, err error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	if ctx := c.h.Owner.Context(c.bound); ctx != nil {
		n, err = c.h.End.Read(ctx, p)
	} else {
		n, err = conn.RunOn(c.h.Owner, c.bound, func(ctx context.Context) (int, error) { return c.h.readInTurn(ctx, p) })
	}
	if err != nil {
		if err == io.EOF && n == 0 {
			c.h.ended.Store(true)
		}
		err = c.h.opError("read", err)
	}
	return n, err
}

// readInTurn reads for another goroutine, after those that came before it.
func (h *connHandle) readInTurn(ctx context.Context, p []byte) (n int, err error) {
	if h.reading == nil {
		h.reading = new(asyncio.Lock)
	}
	err = h.reading.With(ctx, func() error {
		n, err = h.End.Read(ctx, p)
		return err
	})
	return n, err
}

// Write writes all of p, and suspends the task while the other side is slow:
// so no more than the system's buffers lies between the two. If it returns an
// error, n says how much was written.
func (c *Conn) Write(p []byte) (n int, err error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	if ctx := c.h.Owner.Context(c.bound); ctx != nil {
		n, err = c.h.End.Write(ctx, p)
	} else {
		n, err = conn.RunOn(c.h.Owner, c.bound, func(ctx context.Context) (int, error) { return c.h.End.Write(ctx, p) })
	}
	if err != nil {
		err = c.h.opError("write", err)
	}
	return n, err
}

// WriteBuffers is Write of several parts with one system call, where there is
// such a one. It takes from v what it has written. (net.Buffers.WriteTo does
// that for connections of package net alone, and calls Write here.) In Python:
// StreamWriter.writelines.
func (c *Conn) WriteBuffers(v *net.Buffers) (int64, error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	n, err := conn.Call(c.h.Owner, c.bound, func(ctx context.Context) (int64, error) { return c.h.End.WriteBuffers(ctx, v) })
	return n, c.h.opError("write", err)
}

// Close closes the connection. Whoever reads or writes goes on with
// net.ErrClosed, which is what Close returns the second time.
//
// As in package net, the system goes on sending what was written, unless
// SetLinger says otherwise. But if the peer has sent something that was not read,
// or sends more, TCP resets the connection, and the peer may lose the end of what
// was written. CloseGracefully avoids that.
//
// What a Writer keeps is lost, and then the error is an *UnwrittenError, which
// says how much that was.
//
// It does not suspend, and callbacks may call it. On a goroutine that is not
// the loop's it does not wait for the loop, either, and returns nil, or how much
// Writers keep at that moment.
func (c *Conn) Close() error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("close", c.h.lowest().closing(c.h.Close))
}

// CloseGracefully closes the connection so that the peer gets all that was
// written: it waits until what Writers keep is written, calls CloseWrite, reads
// and drops what the peer still sends until the peer has closed its side as well,
// and then calls Close. Meanwhile it suspends the task on ctx, for as long as the
// peer takes; asyncio.WithTimeout sets a limit. If ctx is canceled or the connection
// fails, it closes the connection all the same and returns the error, which after a
// cancellation is asyncio.ErrCanceled. No other task may read. In Python: write_eof,
// read until the end, close and wait_closed.
//
// It is for streams: datagrams have no end. On a Conn that Adopt has made of a
// tls.Conn it also exchanges the goodbyes of TLS; for a tls.Conn itself, use
// CloseTLS.
func (c *Conn) CloseGracefully(ctx context.Context) error {
	if ctx == nil {
		panic("streams: Conn.CloseGracefully(nil): pass the context on which it is to wait for the peer")
	}
	if !c.ok() {
		return os.ErrInvalid
	}
	err := c.awaitWritten(ctx)
	if err == nil {
		err = c.CloseWrite()
	}
	if err == nil {
		_, err = io.Copy(io.Discard, c.WithContext(ctx))
	}
	return cmp.Or(err, c.Close())
}

// CloseRead shuts down the reading side. It does not suspend.
func (c *Conn) CloseRead() error {
	return c.do("close", func() error { return c.h.End.CloseRead() })
}

// CloseWrite shuts down the writing side: the peer reads io.EOF, and can still
// write. What a Writer keeps is lost, as by Close; its WriteEOF sends that first.
// It does not suspend. In Python: StreamWriter.write_eof.
func (c *Conn) CloseWrite() error {
	return c.do("close", func() error {
		return c.h.lowest().closing(func() error { return c.h.End.CloseWrite() })
	})
}

// LocalAddr returns the address of this side.
func (c *Conn) LocalAddr() net.Addr {
	if !c.ok() {
		return nil
	}
	return c.h.local
}

// RemoteAddr returns the address of the other side.
func (c *Conn) RemoteAddr() net.Addr {
	if !c.ok() {
		return nil
	}
	return c.h.remote
}

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetDeadline(t))
}

// SetReadDeadline sets when Read returns os.ErrDeadlineExceeded; the zero time
// is never, and one that has passed, however long ago, is at once. It goes by the
// clock of the loop: there, a time is as far ahead as asyncio.WithTimeoutAt says.
// It does not suspend.
// Like Close, it does not wait for the loop on other goroutines, and returns nil
// there as long as that runs. Of several calls, the last one counts.
func (c *Conn) SetReadDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetReadDeadline(t))
}

// SetWriteDeadline is SetReadDeadline for Write.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetWriteDeadline(t))
}

var errNoOptions = errors.New("streams: only TCP connections have this option")

func (c *Conn) setOption(set func(conn.TCPOptions) error) error {
	return c.set(func() error {
		if o := c.h.End.TCPOptions(); o != nil {
			return set(o)
		}
		return errNoOptions
	})
}

func (c *Conn) set(option func() error) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.set(option)
}

// SetNoDelay sets whether small writes are sent at once, which is the default.
// Like SetKeepAlive, SetKeepAliveConfig and SetLinger, it is for TCP only, and
// does not suspend.
func (c *Conn) SetNoDelay(on bool) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetNoDelay(on) })
}

// SetKeepAlive sets whether the system probes a silent peer to find out that it
// has gone. By default it does, every 15 s, as in package net.
func (c *Conn) SetKeepAlive(on bool) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetKeepAlive(on) })
}

// SetKeepAliveConfig sets whether, and at which intervals, it does.
func (c *Conn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetKeepAliveConfig(config) })
}

// SetLinger sets what becomes of unsent data at Close: with a negative number,
// the default, the system sends it in the background; with 0 it is dropped, and
// the peer's connection is reset; with more, it is sent for that many seconds,
// for which Close may block.
func (c *Conn) SetLinger(seconds int) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetLinger(seconds) })
}

// SetReadBuffer sets the size of the system's buffer for bytes that have not been
// read; when it is full, the peer has to wait. The system may round and limit it.
// It is for all networks, and does not suspend. In Python: SO_RCVBUF.
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.set(func() error { return c.h.End.SetReadBuffer(bytes) })
}

// SetWriteBuffer sets the size of the system's buffer for bytes that the peer has
// not taken; when it is full, Write waits. In Python: SO_SNDBUF.
func (c *Conn) SetWriteBuffer(bytes int) error {
	return c.set(func() error { return c.h.End.SetWriteBuffer(bytes) })
}

// SyscallConn returns the raw connection, for options that have no method here
// and for system calls of other kinds. Its Control does not suspend. Its Read and
// Write call the function at once, and suspend the task each time that it returns
// false, until the connection can be read or written. The function is called on
// the loop; where the system has no poller for it (see the package), on a
// goroutine.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if !c.ok() {
		return nil, os.ErrInvalid
	}
	return rawConn{c.h.Owner, c.bound, func(ctx context.Context) (syscall.RawConn, error) {
		return c.h.End.SyscallConn(ctx)
	}, c.h.opError}, nil
}
