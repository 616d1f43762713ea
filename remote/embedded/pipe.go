package embedded

import (
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// pipeLimit is how many bytes a connection in the process may have on their way to the
// server, as a socket has a buffer in the system.
const pipeLimit = 4 << 20

// keptLimit is how much memory a connection keeps for what is to come.
const keptLimit = 256 << 10

// A provider gives connections in the process to nats.Connect.
type provider struct{ server *server.Server }

func (p provider) InProcessConn() (net.Conn, error) {
	pipe, err := p.server.InProcessConn()
	if err != nil {
		return nil, err
	}
	return newBuffered(pipe), nil
}

// buffered is the client's end of a net.Pipe with a buffer for what it writes. The server
// has the other end, and the goroutine that reads from it writes to it as well. Without a
// buffer, client and server may both be writing, each waiting for the other to read: so it
// is whenever the server refuses a user, and lasts until the server gives up, after ten
// seconds. It also takes half the time, because writes are put together.
type buffered struct {
	net.Conn // Read and its deadline

	mu       sync.Mutex
	changed  sync.Cond
	waiting  []byte // to be written
	writing  int    // bytes that the pump is writing
	err      error  // of the pump
	closed   bool
	deadline time.Time // of Write
}

func newBuffered(pipe net.Conn) *buffered {
	b := &buffered{Conn: pipe}
	b.changed.L = &b.mu
	go b.pump()
	return b
}

// Write returns once the bytes are in the buffer, and waits while that is full.
func (b *buffered) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for done := 0; ; {
		switch free := pipeLimit - len(b.waiting) - b.writing; {
		case b.closed:
			return done, net.ErrClosed
		case b.err != nil:
			return done, b.err
		case !b.deadline.IsZero() && !time.Now().Before(b.deadline):
			return done, os.ErrDeadlineExceeded
		case free > 0:
			n := min(free, len(p)-done)
			b.waiting = append(b.waiting, p[done:done+n]...)
			b.changed.Broadcast()
			if done += n; done == len(p) {
				return done, nil
			}
		default:
			b.wait()
		}
	}
}

// wait waits for a change, or for the deadline.
func (b *buffered) wait() {
	if !b.deadline.IsZero() {
		defer time.AfterFunc(time.Until(b.deadline), func() {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.changed.Broadcast()
		}).Stop()
	}
	b.changed.Wait()
}

// pump writes what is in the buffer, until the end of the connection.
func (b *buffered) pump() {
	for next := b.take(nil); next != nil; next = b.take(next) {
		if _, err := b.Conn.Write(next); err != nil {
			b.fail(err)
			break
		}
	}
	_ = b.Conn.Close() // of a net.Pipe, which has no errors
}

// take waits for bytes to write, and returns nil at the end. The buffer goes on in the
// memory of what was written.
func (b *buffered) take(written []byte) []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.writing = 0
	b.changed.Broadcast()
	for len(b.waiting) == 0 {
		if b.closed {
			return nil
		}
		b.changed.Wait()
	}
	next := b.waiting
	if b.waiting, b.writing = written[:0], len(next); cap(written) > keptLimit {
		b.waiting = nil
	}
	return next
}

func (b *buffered) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
	b.changed.Broadcast()
}

func (b *buffered) Read(p []byte) (int, error) {
	n, err := b.Conn.Read(p)
	if err != nil && b.isClosed() {
		err = net.ErrClosed
	}
	return n, err
}

func (b *buffered) isClosed() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed
}

// Close returns at once. What is in the buffer still goes to the server, as what is in
// that of a socket does; what comes from there meanwhile is read, lest the server waits.
func (b *buffered) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil
	}
	b.closed = true
	b.changed.Broadcast()
	_ = b.Conn.SetReadDeadline(time.Now())  // ends a Read that waits: a net.Pipe has no other errors
	_ = b.Conn.SetReadDeadline(time.Time{}) // than that it is closed, which is as well
	go func() {
		_, _ = io.Copy(io.Discard, b.Conn) // until the pump closes it, or the server does
	}()
	return nil
}

// SetWriteDeadline limits how long Write waits for room, and not the pump.
func (b *buffered) SetWriteDeadline(t time.Time) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.deadline = t
	b.changed.Broadcast()
	return nil
}

// SetDeadline sets both.
func (b *buffered) SetDeadline(t time.Time) error {
	if err := b.SetReadDeadline(t); err != nil {
		return err
	}
	return b.SetWriteDeadline(t)
}
