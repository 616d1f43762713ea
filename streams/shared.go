package streams

import (
	"context"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// DialShared returns a dial function for libraries that have goroutines of their own:
// connection pools and clients of databases, HTTP, gRPC. The function has the type that
// they expect, for example for net.Resolver.Dial, http.Transport.DialContext, Dialer of
// go-redis, and DialFunc of pgx. loop is a context of the loop whose tasks use the
// library.
//
// Its connections need a loop only where a task uses them. On a goroutine of the library
// they are connections of package net: dialing, reads, writes, deadlines and closing wait
// for no loop. So a task may block on a channel until such a goroutine has dialed or
// read. This stops the loop for a moment; with connections of Dial it would stop the loop
// for ever. In a task, dialing, Read and Write suspend the task, on whichever loop it
// runs, and the loop goes on. Goroutines and tasks, also tasks of several loops, may use
// one connection in turn and at the same time. A deadline or a Close takes effect for all
// of them at once.
//
// In a task, Read and Write wait on the scope that the task has opened last, as those of
// Conn do. When that scope is canceled, they return an error that is asyncio.ErrCanceled
// and also a timeout, as after a deadline; by the timeout, libraries know that the
// connection is still good. The cancellation loses nothing. If two tasks read at once,
// the second gets ErrBusy. The bytes of two Writes are never mixed, wherever they are
// made. The dial function takes any context, also one that has nothing to do with a loop.
// It is canceled by this context and, in a task, also by the scope that the task has
// opened last. Its errors are those of net.Dialer; after a cancellation in a task, the
// error is asyncio.ErrCanceled. For datagrams ("udp", "unixgram", "ip4:icmp") it returns
// a net.PacketConn. SyscallConn, CloseRead, CloseWrite, ReadFrom and the options of a TCP
// connection are there, by the names they have in package net.
//
// The connection does not belong to the loop: Run does not close it, and after the end of
// the loop goroutines can still use it. A connection that a task has read or written has
// a second descriptor until it is closed or the task's loop ends. On systems where a loop
// cannot wait for descriptors, such as Windows, goroutines read and write for tasks, and
// deadlines go by the real clock; see the package documentation.
//
// On a loop whose network is in memory, as in asynciotest.Run, connections belong to that
// network and need the loop everywhere: in a task, the function returns what DialContext
// returns. On other goroutines, dialing fails, because it could wait for ever.
//
// Any goroutine may call DialShared, which does not suspend, and the function that it
// returns. DialShared panics if loop is not a context of a loop. The options are those of
// Dial except HandshakeTimeout, which is for TLS. It has no name in Python.
func DialShared(loop context.Context, opts ...DialOption) func(ctx context.Context, network, address string) (net.Conn, error) {
	if loop == nil {
		panic("streams: DialShared(nil): pass the context of a task of the loop")
	}
	d := &sharedDialer{conn.OwnerOf(loop, "streams.DialShared"), newDialer(opts)}
	return d.dial
}

// A sharedCore is what shared connections for streams and for packets have in common: the
// connection of package net and, for each loop whose tasks use it, an end. An end is a
// Conn or a PacketConn of that loop on a descriptor of its own; E is its type.
type sharedCore[E sharedEnd] struct {
	net  net.Conn
	home conn.Owner
	open func(owner *conn.Owner) (E, conn.Endpoint, error) // opens an end

	mu        sync.Mutex
	closed    bool
	deadlines [2]time.Time               // for reading and for writing
	ends      []*loopEnd[E]              // of loops that run
	changed   chan struct{}              // closed with the next Close or deadline for writing; nil: no one wants to know
	linger    atomic.Bool                // SetLinger has said what becomes of unsent data
	last      atomic.Pointer[loopEnd[E]] // of ends, the one that was used last
}

// A sharedEnd is a Conn or a PacketConn.
type sharedEnd interface {
	comparable
	net.Conn
}

const (
	staleRead  = 1 << iota // the deadline for reading is to be set
	staleWrite             // and that for writing
)

// A loopEnd is the end of one loop.
type loopEnd[E sharedEnd] struct {
	core  *sharedCore[E]
	owner conn.Owner
	end   E

	// stale says which deadlines were changed elsewhere and are not yet set on this end.
	// A task sets them before it uses the end; for tasks that are using it at that
	// moment, Fire sets them.
	stale  atomic.Uint32
	inside atomic.Int32 // how many tasks use it
}

// here returns the end of the loop that the calling goroutine runs; nil: it runs none.
func (c *sharedCore[E]) here() (*loopEnd[E], error) {
	if e := c.last.Load(); e != nil && e.owner.Core().OnLoop() {
		return e, nil
	}
	if l := engine.RunningHere(); l != nil {
		return c.endOf(l)
	}
	return nil, nil
}

// endOf returns the end of a loop that the calling goroutine runs.
func (c *sharedCore[E]) endOf(l *engine.Loop) (*loopEnd[E], error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.IndexFunc(c.ends, func(e *loopEnd[E]) bool { return e.owner.Core() == l })
	if i >= 0 {
		c.last.Store(c.ends[i])
		return c.ends[i], nil
	}
	if c.closed {
		return nil, c.opError("use", net.ErrClosed)
	}
	e := &loopEnd[E]{core: c, owner: c.ownerOn(l)}
	end, raw, err := c.open(&e.owner)
	if err != nil {
		return nil, err
	}
	e.end = end
	raw.(closeNotifier).NotifyClose(func(bool) { c.forget(e) })
	e.stale.Store(staleRead | staleWrite)
	c.ends = append(c.ends, e)
	c.last.Store(e)
	return e, nil
}

// A closeNotifier tells that it was closed, or that its loop has ended.
type closeNotifier interface{ NotifyClose(fn func(atEnd bool)) }

// ownerOn returns the owner of what is opened on a loop that the calling goroutine runs.
func (c *sharedCore[E]) ownerOn(l *engine.Loop) conn.Owner { return ownerOn(&c.home, l) }

func ownerOn(home *conn.Owner, l *engine.Loop) conn.Owner {
	if l == home.Core() {
		return *home
	}
	if ctx := l.InnermostScope(); ctx != nil {
		return conn.OwnerOf(ctx, "a shared connection")
	}
	panic("asyncio: I/O in a callback, which cannot suspend: create a task there and wait in it")
}

// forget drops the end of a loop, which is closed.
func (c *sharedCore[E]) forget(e *loopEnd[E]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ends = slices.DeleteFunc(c.ends, func(other *loopEnd[E]) bool { return other == e })
	c.last.CompareAndSwap(e, nil)
}

// enter begins the use of the end by a task, and sets the deadlines that hold now. The
// caller has to call leave.
func (e *loopEnd[E]) enter() {
	e.inside.Add(1)
	e.refresh()
}

func (e *loopEnd[E]) leave() { e.inside.Add(-1) }

// refresh sets the deadlines that were changed elsewhere. Loop only.
func (e *loopEnd[E]) refresh() {
	if e.stale.Load() != 0 {
		e.core.mu.Lock()
		defer e.core.mu.Unlock()
		e.refreshLocked()
	}
}

func (e *loopEnd[E]) refreshLocked() {
	stale := e.stale.Swap(0)
	if stale&staleRead != 0 {
		_ = e.end.SetReadDeadline(e.core.deadlines[0])
	}
	if stale&staleWrite != 0 {
		_ = e.end.SetWriteDeadline(e.core.deadlines[1])
	}
}

// Fire makes a loopEnd the event that deadlines were changed while tasks use it.
func (e *loopEnd[E]) Fire() { e.refresh() }

// Origin tells observers what woke a task.
func (e *loopEnd[E]) Origin() engine.Ref { return engine.Ref{Label: originSharedDeadline} }

var originSharedDeadline = engine.NewLabel("deadline")

// opError returns an error like those of the connection of package net.
func (c *sharedCore[E]) opError(op string, err error) error {
	return &net.OpError{Op: op, Net: c.net.LocalAddr().Network(), Source: c.net.LocalAddr(), Addr: c.net.RemoteAddr(), Err: err}
}

// LocalAddr returns the address of this side.
func (c *sharedCore[E]) LocalAddr() net.Addr { return c.net.LocalAddr() }

// RemoteAddr returns the address of the other side.
func (c *sharedCore[E]) RemoteAddr() net.Addr { return c.net.RemoteAddr() }

// SetDeadline sets when reads and writes return os.ErrDeadlineExceeded, in tasks and
// elsewhere, also calls that wait already.
func (c *sharedCore[E]) SetDeadline(t time.Time) error {
	return c.setDeadline(staleRead|staleWrite, t, c.net.SetDeadline)
}

// SetReadDeadline is SetDeadline for reads.
func (c *sharedCore[E]) SetReadDeadline(t time.Time) error {
	return c.setDeadline(staleRead, t, c.net.SetReadDeadline)
}

// SetWriteDeadline is SetDeadline for writes.
func (c *sharedCore[E]) SetWriteDeadline(t time.Time) error {
	return c.setDeadline(staleWrite, t, c.net.SetWriteDeadline)
}

func (c *sharedCore[E]) setDeadline(of uint32, t time.Time, set func(time.Time) error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := set(t); err != nil {
		return err
	}
	if of&staleRead != 0 {
		c.deadlines[0] = t
	}
	if of&staleWrite != 0 {
		c.deadlines[1] = t
		c.notifyChanged()
	}
	for _, e := range c.ends {
		e.stale.Or(of)
		switch {
		case e.inside.Load() == 0: // the next task sees it
		case e.owner.Core().OnLoop():
			e.refreshLocked()
		default:
			_ = e.owner.Core().Post(e)
		}
	}
	return nil
}

// notifyChanged wakes the goroutines that wait in awaitChange. The caller holds mu.
func (c *sharedCore[E]) notifyChanged() {
	if c.changed != nil {
		close(c.changed)
		c.changed = nil
	}
}

// Close closes the connection for all. Calls that read or write at that moment return
// net.ErrClosed. Close waits for no loop.
func (c *sharedCore[E]) Close() error {
	c.mu.Lock()
	ends := slices.Clone(c.ends)
	first := !c.closed
	c.closed = true
	c.notifyChanged()
	c.mu.Unlock()
	if first {
		c.sayGoodbye(ends)
	}
	err := c.net.Close()
	for _, e := range ends {
		_ = e.end.Close() // on another loop, it will be in a moment
	}
	return err
}

// sayGoodbye tells the peer about a Close that other loops have not heard of yet. Without
// it, the system would tell the peer only when the last descriptor is closed, and the
// other loop may be waiting for the peer. After SetLinger it does nothing: closing may
// have to reset the connection, and only closing the last descriptor can do that.
func (c *sharedCore[E]) sayGoodbye(ends []*loopEnd[E]) {
	elsewhere := slices.ContainsFunc(ends, func(e *loopEnd[E]) bool { return !e.owner.Core().OnLoop() })
	if half, ok := c.net.(closeWriter); ok && elsewhere && !c.linger.Load() {
		_ = half.CloseWrite()
	}
}
