package streams

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/aio"
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
// after the other. Only Close does not wait there.
//
// Errors are as those of package net: a *net.OpError with net.ErrClosed after
// Close and after the end of the loop, os.ErrDeadlineExceeded after a deadline,
// or an error of the system. A Conn that is left open is closed by Run, which
// reports it in debug mode. In Python: ResourceWarning, unclosed transport.
type Conn struct {
	*link
	bound context.Context // on which reads and writes wait; nil: the innermost scope
}

// A link is what a Conn shares with those that WithContext has made of it.
type link struct {
	home    *aio.Home
	end     endpoint
	network string
	local   net.Addr
	remote  net.Addr
	reading *asyncio.Lock // held for a goroutine that is not the loop's, while it reads; nil: none ever has
}

// An endpoint is what carries a connection. Loop only.
type endpoint interface {
	Read(ctx context.Context, p []byte) (int, error)
	Write(ctx context.Context, p []byte) (int, error)
	WriteBuffers(ctx context.Context, v *net.Buffers) (int64, error)
	SetReadDeadline(t time.Time) error
	SetWriteDeadline(t time.Time) error
	CloseRead() error
	CloseWrite() error
	Close() error
	// NotifyClose has fn called when it has been closed; atEnd says that it was
	// left open until the end of the loop.
	NotifyClose(fn func(atEnd bool))
	// SyscallConn returns the raw connection. Loop only, as well.
	SyscallConn(ctx context.Context) (syscall.RawConn, error)
	// Options returns what sets the options of a TCP connection; nil for others.
	Options() options
}

// options are those of a TCP connection; a *net.TCPConn has them.
type options interface {
	SetKeepAlive(on bool) error
	SetKeepAliveConfig(config net.KeepAliveConfig) error
	SetLinger(seconds int) error
	SetNoDelay(on bool) error
}

// WithContext returns the same connection with another context, on which its
// reads and writes wait: for code that takes a net.Conn and would wait on the
// innermost scope of whichever task calls it. Whatever it does, closing and
// deadlines included, it does to the one connection.
func (c *Conn) WithContext(ctx context.Context) net.Conn {
	if ctx == nil {
		panic("streams: Conn.WithContext(nil): pass the context on which reads and writes are to wait")
	}
	return &Conn{c.link, ctx}
}

// newConn returns a connection of a loop.
func newConn(home *aio.Home, end endpoint, network string, local, remote net.Addr) *Conn {
	l := &link{home: home, end: end, network: network, local: local, remote: remote}
	if home.Core().Debug {
		end.NotifyClose(l.reportLeftOpen)
	}
	return &Conn{link: l}
}

// reportLeftOpen tells of a connection that no one has closed.
func (l *link) reportLeftOpen(atEnd bool) {
	if atEnd {
		l.home.Loop().CallExceptionHandler(asyncio.ExceptionContext{
			Message: fmt.Sprintf("a connection was left open, %s %v to %v: close it when it has served", l.network, l.local, l.remote),
		})
	}
}

// set makes a call that does not suspend, wherever the calling goroutine is.
// Callbacks may make it.
func (l *link) set(op string, call func() error) (err error) {
	failed := l.home.Run(func() { err = call() })
	return l.opError(op, cmp.Or(failed, err))
}

// here returns the context on which a call waits; nil on a goroutine that is
// not the loop's.
func (c *Conn) here() context.Context {
	ctx := c.home.Here()
	if ctx != nil && c.bound != nil {
		return c.bound
	}
	return ctx
}

// elsewhere makes a call on the loop for another goroutine, which waits.
func (c *Conn) elsewhere(call func(ctx context.Context) (int, error)) (int, error) {
	return c.home.Elsewhere(func(ctx context.Context) (int, error) {
		if c.bound != nil {
			ctx = c.bound
		}
		return call(ctx)
	})
}

// Read reads what there is, and suspends the task while there is nothing. At
// the end it returns io.EOF. An empty p returns at once.
func (c *Conn) Read(p []byte) (n int, err error) {
	if ctx := c.here(); ctx != nil {
		n, err = c.end.Read(ctx, p)
	} else {
		n, err = c.elsewhere(func(ctx context.Context) (int, error) { return c.readInTurn(ctx, p) })
	}
	if err != nil {
		err = c.opError("read", err)
	}
	return n, err
}

// readInTurn reads for another goroutine, when those that came before have.
func (c *Conn) readInTurn(ctx context.Context, p []byte) (n int, err error) {
	if c.reading == nil {
		c.reading = new(asyncio.Lock)
	}
	err = c.reading.With(ctx, func() error {
		n, err = c.end.Read(ctx, p)
		return err
	})
	return n, err
}

// Write writes all of p, and suspends the task while the other side is slow:
// so no more than the system's buffers lies between the two. If it returns an
// error, n says how much was written.
func (c *Conn) Write(p []byte) (n int, err error) {
	if ctx := c.here(); ctx != nil {
		n, err = c.end.Write(ctx, p)
	} else {
		n, err = c.elsewhere(func(ctx context.Context) (int, error) { return c.end.Write(ctx, p) })
	}
	if err != nil {
		err = c.opError("write", err)
	}
	return n, err
}

// WriteBuffers is Write of several parts with one system call, where there is
// such a one. It takes from v what it has written. (net.Buffers.WriteTo does
// that for connections of package net alone, and calls Write here.) In Python:
// StreamWriter.writelines.
func (c *Conn) WriteBuffers(v *net.Buffers) (int64, error) {
	var n int64
	_, err := c.do(func(ctx context.Context) (_ int, err error) {
		n, err = c.end.WriteBuffers(ctx, v)
		return 0, err
	})
	return n, c.opError("write", err)
}

// do makes a call wherever the calling goroutine is.
func (c *Conn) do(call func(ctx context.Context) (int, error)) (int, error) {
	if ctx := c.here(); ctx != nil {
		return call(ctx)
	}
	return c.elsewhere(call)
}

// Close closes the connection. Whoever reads or writes goes on with
// net.ErrClosed, which is what Close returns the second time. What was written
// before is still sent, unless SetLinger says otherwise.
//
// It does not suspend, and callbacks may call it. On a goroutine that is not
// the loop's it does not wait for the loop, either, and returns nil.
func (c *Conn) Close() error { return c.opError("close", c.home.Close((*closingLink)(c.link))) }

// A closingLink closes a link on the loop: only there its endpoint may be looked
// at, which Adopt replaces.
type closingLink link

func (l *closingLink) Close() error { return l.end.Close() }

// CloseRead says that nothing more will be read. It does not suspend.
func (c *Conn) CloseRead() error {
	return c.set("close", func() error { return c.end.CloseRead() })
}

// CloseWrite says that nothing more will be written: the other side reads
// io.EOF, and can still write. It does not suspend. In Python:
// StreamWriter.write_eof.
func (c *Conn) CloseWrite() error {
	return c.set("close", func() error { return c.end.CloseWrite() })
}

// LocalAddr returns the address of this side.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr returns the address of the other side.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline is SetReadDeadline and SetWriteDeadline.
func (c *Conn) SetDeadline(t time.Time) error { return c.setDeadline(setBoth, t) }

// SetReadDeadline sets when Read returns os.ErrDeadlineExceeded; the zero time
// is never. It goes by the clock of the loop; a time that was made with
// time.Now is as far ahead there as it is by the real one. It does not suspend.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.setDeadline(endpoint.SetReadDeadline, t) }

// SetWriteDeadline is SetReadDeadline for Write.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(endpoint.SetWriteDeadline, t)
}

func setBoth(end endpoint, t time.Time) error {
	return cmp.Or(end.SetReadDeadline(t), end.SetWriteDeadline(t))
}

// setDeadline makes no closure on the loop: servers set deadlines with every
// request.
func (c *Conn) setDeadline(set func(endpoint, time.Time) error, t time.Time) error {
	if c.home.Core().OnLoop() {
		return c.opError("set", set(c.end, t))
	}
	return c.set("set", func() error { return set(c.end, t) })
}

var errNoOptions = errors.New("streams: only TCP connections have this option")

func (c *Conn) setOption(call func(options) error) error {
	return c.set("set", func() error {
		if o := c.end.Options(); o != nil {
			return call(o)
		}
		return errNoOptions
	})
}

// SetNoDelay says whether small writes are sent at once; they are unless it is
// called with false. It is for TCP only, as the options that follow are, and
// does not suspend.
func (c *Conn) SetNoDelay(on bool) error {
	return c.setOption(func(o options) error { return o.SetNoDelay(on) })
}

// SetKeepAlive says whether the system probes a silent peer, to find it gone;
// it does unless it is told otherwise, after 15 s, as package net has it.
func (c *Conn) SetKeepAlive(on bool) error {
	return c.setOption(func(o options) error { return o.SetKeepAlive(on) })
}

// SetKeepAliveConfig says in which intervals it does.
func (c *Conn) SetKeepAliveConfig(config net.KeepAliveConfig) error {
	return c.setOption(func(o options) error { return o.SetKeepAliveConfig(config) })
}

// SetLinger says what becomes of unsent data at Close: with a negative number
// the system sends it in the background, which is the default; with 0 it is
// dropped, and the peer sees a reset; with more, it is sent for so many
// seconds, in which Close may block.
func (c *Conn) SetLinger(seconds int) error {
	return c.setOption(func(o options) error { return o.SetLinger(seconds) })
}

// SyscallConn returns the raw connection, for options that have no method here
// and for system calls of other kinds. Its Control does not suspend; its Read
// and Write suspend the task as often as the function reports that it has to
// wait. They call that function on the loop; where the system has no poller for
// it (see the package), on a goroutine.
func (c *Conn) SyscallConn() (syscall.RawConn, error) {
	return rawConn{func(call func(ctx context.Context) (int, error)) error {
		_, err := c.do(call)
		return err
	}, c.end.SyscallConn, c.opError}, nil
}
