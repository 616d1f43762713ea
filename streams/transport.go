package streams

import (
	"context"
	"net"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Transport is a connection as its Protocol sees it. Its methods never suspend. They
// may be called on the loop only: in callbacks, such as the methods of the Protocol, and
// in tasks. Before ConnectionMade there is no Transport: methods of a nil or zero
// Transport that return an error return os.ErrInvalid. In Python: asyncio.Transport.
type Transport struct {
	loop    *engine.Loop
	owner   *asyncio.Loop
	conn    net.Conn
	proto   Protocol
	buffers BufferedProtocol // the protocol, if it is one; else nil
	out     *Writer
	in      transportReader
	secure  *bufferedStream // beneath the connection, if that speaks TLS

	readable engine.Callback     // calls toRead
	toRead   func()              // is read, made once
	place    engine.Subscription // of it, among those who wait for the connection
	awaited  bool                // it will be called
	paused   bool                // PauseReading was called
	ended    bool                // the other side's stream has
	told     bool                // the protocol was told to pause writing, and not to resume

	starters engine.Waiters // who waits for ConnectionMade
	started  bool
	err      error // with which the connection is lost
	onLost   func()
}

// StartProtocol puts a protocol on a connection, and owns the connection from then on. It
// suspends the calling task until ConnectionMade has returned; if ConnectionMade panics,
// it returns the *asyncio.PanicError. If ctx is canceled before, the connection is
// closed, and the error is asyncio.ErrCanceled.
//
// It takes any net.Conn whose Read and Write suspend the task; a connection that is not a
// Conn is read by a task in the background. For a tls.Conn, StartProtocol first does the
// handshake, for a minute at most; if the handshake fails, StartProtocol closes the
// connection and returns the error. The tls.Conn is read and written at the same time, as
// explained at Adopt; from then on, only the protocol may read, write and close it.
// Outside a loop it returns asyncio.ErrNoRunningLoop. In Python:
// loop.connect_accepted_socket.
func StartProtocol(ctx context.Context, conn net.Conn, p Protocol) (*Transport, error) {
	if engine.RunningLoopOf(ctx) == nil {
		return nil, asyncio.ErrNoRunningLoop
	}
	if conn == nil || p == nil {
		panic("streams: StartProtocol with a nil connection or protocol: pass what Dial or Accept returns, and what is to be told what happens on it")
	}
	if err := shakeHands(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	wait, err := engine.Begin(ctx, "StartProtocol")
	if err != nil {
		_ = conn.Close()
		return nil, err
	}
	t := newTransport(asyncio.RunningLoop(ctx), wait.Loop(), conn, p, func() {})
	for !t.started {
		if err := wait.Park(&t.starters, labelStart); err != nil {
			_ = t.Abort()
			return nil, err
		}
	}
	if p, panicked := t.err.(*asyncio.PanicError); panicked {
		return nil, p
	}
	return t, nil
}

var labelStart = engine.NewLabel("connection made")

const nilProtocol = "streams: a nil Protocol: pass what is to be told what happens on the connection"

// newTransport lets the loop begin with a connection in its next pass.
func newTransport(owner *asyncio.Loop, l *engine.Loop, conn net.Conn, p Protocol, onLost func()) *Transport {
	t := &Transport{loop: l, owner: owner, conn: conn, onLost: onLost}
	t.SetProtocol(p)
	if duplex := newTLSConn(l, conn); duplex != nil { // it is read and written at once
		t.secure = duplex.h.End.(*tlsStream).bufferedStream
		conn = duplex
	}
	t.out = NewWriter(conn)
	t.out.flow = (*transportFlow)(t)
	t.in = newTransportReader(conn, l)
	t.toRead = t.read
	l.CallUser(t.start)
	return t
}

// Write writes p, as Writer.Write does: the Transport keeps what the connection does not
// take at once. In Python: write.
func (t *Transport) Write(p []byte) (int, error) {
	if err := t.check("Transport.Write"); err != nil {
		return 0, err
	}
	return t.out.Write(p)
}

// WriteEOF ends this side of the stream once everything is written. In Python:
// write_eof.
func (t *Transport) WriteEOF() error {
	if err := t.check("Transport.WriteEOF"); err != nil {
		return err
	}
	return t.out.WriteEOF()
}

// Close stops reading, and closes the connection once everything is written.
// ConnectionLost follows. In Python: close.
func (t *Transport) Close() error {
	if err := t.check("Transport.Close"); err != nil {
		return err
	}
	t.stopAwaiting()
	return t.out.Close()
}

// Abort closes the connection at once, and drops the bytes that the Transport keeps.
// ConnectionLost follows. In Python: abort.
func (t *Transport) Abort() error {
	if err := t.check("Transport.Abort"); err != nil {
		return err
	}
	return t.abort()
}

// cut aborts the connection at the end of its server. The protocol is told what is
// lost by that.
func (t *Transport) cut() {
	if n := t.Buffered(); n > 0 && t.err == nil {
		t.err = &UnwrittenError{n, asyncio.ErrTimeout, timeWasUp}
	}
	_ = t.Abort()
}

func (t *Transport) abort() error {
	t.stopAwaiting()
	if t.secure != nil {
		t.secure.abort() // at once, without a goodbye
	}
	return t.out.Abort()
}

// IsClosing reports whether the connection is closed, or about to be. In
// Python: is_closing.
func (t *Transport) IsClosing() bool { return t.writer().IsClosing() }

// PauseReading stops the calls of DataReceived and EOFReceived until ResumeReading. Bytes
// that come meanwhile wait in the system's buffer and, when that is full, at the other
// side. In Python: pause_reading.
func (t *Transport) PauseReading() {
	t.mustBeMade("Transport.PauseReading")
	t.paused = true
	t.stopAwaiting()
}

// ResumeReading ends what PauseReading began. In Python: resume_reading.
func (t *Transport) ResumeReading() {
	t.mustBeMade("Transport.ResumeReading")
	t.paused = false
	t.awaitReadable()
}

// IsReading reports whether DataReceived may be called. In Python: is_reading.
func (t *Transport) IsReading() bool { return t.made() && !t.paused && !t.ended && !t.IsClosing() }

// Buffered returns how many bytes the Transport keeps because the connection has not
// taken them yet. In Python: get_write_buffer_size.
func (t *Transport) Buffered() int { return t.writer().Buffered() }

// SetWaterMarks sets the numbers of kept bytes at which PauseWriting and ResumeWriting
// are called; see Writer.SetWaterMarks. In Python: set_write_buffer_limits.
func (t *Transport) SetWaterMarks(low, high int) {
	t.mustBeMade("Transport.SetWaterMarks")
	t.out.SetWaterMarks(low, high)
}

// WaterMarks returns the water marks. In Python: get_write_buffer_limits.
func (t *Transport) WaterMarks() (low, high int) { return t.writer().WaterMarks() }

// Conn returns the connection that StartProtocol was given: for its addresses and
// options, and, if it is a tls.Conn, for its ConnectionState. In Python: get_extra_info.
func (t *Transport) Conn() net.Conn {
	if t == nil {
		return nil
	}
	return t.conn
}

// Protocol returns the protocol. In Python: get_protocol.
func (t *Transport) Protocol() Protocol {
	if t == nil {
		return nil
	}
	return t.proto
}

// SetProtocol makes p the protocol from now on. Its ConnectionMade is not
// called. In Python: set_protocol.
func (t *Transport) SetProtocol(p Protocol) {
	if p == nil {
		panic(nilProtocol)
	}
	t.mustBeMade("Transport.SetProtocol")
	t.proto = p
	t.buffers, _ = p.(BufferedProtocol)
}

func (t *Transport) made() bool { return t != nil && t.loop != nil }

// check returns os.ErrInvalid, or panics if this is not the loop.
func (t *Transport) check(op string) error {
	if !t.made() {
		return os.ErrInvalid
	}
	t.loop.Check(op)
	return nil
}

// mustBeMade is check for what returns no error.
func (t *Transport) mustBeMade(op string) {
	if err := t.check(op); err != nil {
		panic("streams: " + op + " of a nil or zero Transport: use the one that ConnectionMade is called with")
	}
}

// writer returns nil for a nil Transport.
func (t *Transport) writer() *Writer {
	if t == nil {
		return nil
	}
	return t.out
}
