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

// A Conn is a connection whose Read and Write suspend the calling task and do not block
// the loop. It is a net.Conn, so everything that takes a net.Conn works on it: bufio,
// io.Copy, crypto/tls, net/textproto, encoding/json, http.ReadRequest. In Python: the
// pair of StreamReader and StreamWriter, or a Transport.
//
// Read, Write and what is built on them wait on the scope that the calling task
// has opened last, that is, on its context or on that of the innermost
// WithTimeout or WithTaskGroup; WithContext binds another one. When that scope is
// canceled, they return an error that is asyncio.ErrCanceled. A cancellation loses
// nothing: the next Read returns what a canceled Read has not returned. A canceled Write
// may have sent a part; it returns how much.
//
// One task may read while another one writes. If two read at once, the second gets
// ErrBusy. Two that write take turns, and their bytes are not mixed.
//
// Goroutines that are not the loop's, those of an http.Transport for example, may call
// all methods as well. The loop then makes the call, and the goroutine blocks until it is
// done; a task of another loop suspends. If several goroutines read, one reads after the
// other. Close, the methods that set deadlines, and those that set options do not wait
// there; if the system refuses an option, this is reported to the loop's exception
// handler.
//
// Errors are like those of package net: a *net.OpError with net.ErrClosed after Close and
// after the end of the loop, os.ErrDeadlineExceeded after a deadline, or an error of the
// system; os.ErrInvalid from a nil Conn and the zero value. Run closes a Conn that is
// left open, and reports it in debug mode. In Python: ResourceWarning, unclosed
// transport.
type Conn struct {
	h     *connHandle
	bound context.Context // on which reads and writes wait; nil: the innermost scope
}

// A connHandle is what a Conn shares with the Conns that WithContext has made of
// it.
type connHandle struct {
	netHandle[conn.Stream]
	keeper
	below   *connHandle   // the handle of the connection beneath, if this one is TLS; nil: there is none
	shared  bool          // it is the end of a connection of DialShared
	ended   atomic.Bool   // Read has come to the end of the stream
	reading *asyncio.Lock // held for a goroutine that is not the loop's, while it reads; nil: none ever has
}

// opError is netHandle.opError for a connection, which can still be used after a
// cancellation.
func (h *connHandle) opError(op string, err error) error {
	return h.wrap(op, err, cutShort{temporary: true, timeout: h.shared})
}

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

// ok reports whether c is neither nil nor the zero value. All methods of these two return
// os.ErrInvalid.
func (c *Conn) ok() bool { return c != nil && c.h != nil }

// do makes a call that does not suspend, wherever the calling goroutine is.
// Callbacks may make it.
func (c *Conn) do(op string, call func() error) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.do(op, call)
}

// WithContext returns the same connection, but with ctx as the context on which its reads
// and writes wait. It is for code that takes a net.Conn; without it, a call waits on the
// innermost scope of the task that makes it. The two share everything else: closing one
// closes the other, and a deadline holds for both.
func (c *Conn) WithContext(ctx context.Context) net.Conn {
	if ctx == nil {
		panic("streams: Conn.WithContext(nil): pass the context on which reads and writes are to wait")
	}
	if c == nil {
		c = new(Conn)
	}
	return &Conn{c.h, ctx}
}

// Read reads what has come, and suspends the task until something has. At the end of the
// stream it returns io.EOF. An empty p returns at once.
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

// Write writes all of p, and suspends the task while the other side is slow: so at most
// as much as the system's buffers hold is on its way. If it returns an error, n says how
// much was written.
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

// WriteBuffers writes several parts with one system call, where the system has one for
// that. It removes from v what it has written. (net.Buffers.WriteTo does this only for
// connections of package net; for a Conn it calls Write for each part.) In Python:
// StreamWriter.writelines.
func (c *Conn) WriteBuffers(v *net.Buffers) (int64, error) {
	if !c.ok() {
		return 0, os.ErrInvalid
	}
	n, err := conn.Call(c.h.Owner, c.bound, func(ctx context.Context) (int64, error) { return c.h.End.WriteBuffers(ctx, v) })
	return n, c.h.opError("write", err)
}

// Close closes the connection. Calls that read or write at that moment return
// net.ErrClosed, and so does a second Close.
//
// As in package net, the system goes on sending what was written, unless
// SetLinger says otherwise. But if the peer has sent something that was not read,
// or sends more, TCP resets the connection, and the peer may lose the end of what
// was written. CloseGracefully avoids that.
//
// What a Writer on the connection still keeps is lost. The error is then an
// *UnwrittenError, which says how many bytes that is.
//
// Close does not suspend, and callbacks may call it. On a goroutine that is not the
// loop's it does not wait for the loop, either: it returns nil, or an *UnwrittenError
// with what Writers keep at that moment.
func (c *Conn) Close() error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("close", c.h.lowest().closing(c.h.Close))
}

// CloseGracefully closes the connection so that the peer gets all that was written. It
// waits until what Writers keep is written, and calls CloseWrite. Then it reads and drops
// what the peer still sends, until the peer has closed its side as well, and calls Close.
// It suspends the task on ctx for as long as the peer takes; asyncio.WithTimeout sets a
// limit. If ctx is canceled or the connection fails, it closes the connection all the
// same and returns the error; after a cancellation, that is asyncio.ErrCanceled. No other
// task may read. In Python: write_eof, read until the end, close and wait_closed.
//
// It is for streams: datagrams have no end. On a Conn that Adopt has made of a tls.Conn
// it also exchanges the messages that end TLS (close_notify); for a tls.Conn itself, use
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
// write. What a Writer keeps is lost, as with Close; Writer.WriteEOF writes that first.
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

// SetDeadline calls SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error {
	if !c.ok() {
		return os.ErrInvalid
	}
	return c.h.opError("set", c.h.SetDeadline(t))
}

// SetReadDeadline sets when Read returns os.ErrDeadlineExceeded. The zero time means
// never, and a time that has passed means at once. The deadline goes by the clock of the
// loop, as explained at asyncio.WithTimeoutAt. SetReadDeadline does not suspend. Like
// Close, it does not wait for the loop on other goroutines; there it returns nil as long
// as the loop runs. Of several calls, the last one counts.
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

// SetKeepAliveConfig sets whether, and at which intervals, the system probes a silent
// peer.
func (c *Conn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetKeepAliveConfig(config) })
}

// SetLinger sets what becomes of unsent data at Close. With a negative number, the
// default, the system sends it in the background. With 0 the system drops it and resets
// the connection. With a positive number, the system tries to send it for that many
// seconds, and Close may block for that time.
func (c *Conn) SetLinger(seconds int) error {
	return c.setOption(func(o conn.TCPOptions) error { return o.SetLinger(seconds) })
}

// SetReadBuffer sets the size of the system's buffer for bytes that have not been
// read; when it is full, the peer has to wait. The system may round and limit it.
// SetReadBuffer works on all networks, and does not suspend. In Python: SO_RCVBUF.
func (c *Conn) SetReadBuffer(bytes int) error {
	return c.set(func() error { return c.h.End.SetReadBuffer(bytes) })
}

// SetWriteBuffer sets the size of the system's buffer for bytes that the peer has
// not taken; when it is full, Write waits. In Python: SO_SNDBUF.
func (c *Conn) SetWriteBuffer(bytes int) error {
	return c.set(func() error { return c.h.End.SetWriteBuffer(bytes) })
}

// SyscallConn returns the raw connection, for options that have no method here and for
// other system calls. Control of the raw connection does not suspend. Its Read and Write
// call the function at once; each time that the function returns false, they suspend the
// task until the connection can be read or written. The function is called on the loop,
// or, where the loop cannot wait for descriptors (see the package documentation), on
// another goroutine.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	if !c.ok() {
		return nil, os.ErrInvalid
	}
	return rawConn{c.h.Owner, c.bound, func(ctx context.Context) (syscall.RawConn, error) {
		return c.h.End.SyscallConn(ctx)
	}, c.h.opError}, nil
}
