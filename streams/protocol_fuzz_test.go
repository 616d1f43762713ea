package streams_test

import (
	"context"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// FuzzProtocol does to a protocol's connection what comes into its mind, from
// both sides and inside the callbacks, and holds what the protocol is told
// against the rules.
func FuzzProtocol(f *testing.F) {
	for i, ops := range [][]byte{
		{0, 100, 10, 0, 3, 0, 0, 50, 10, 0, 4, 0, 10, 3, 1, 0},
		{5, 255, 5, 255, 5, 255, 5, 255, 2, 255, 10, 1, 2, 255, 2, 255, 2, 255, 2, 255, 10, 1, 6, 0},
		{9, 3, 0, 200, 0, 200, 10, 4, 4, 0, 10, 4, 7, 0},
		{9, 77, 0, 255, 10, 9, 8, 0, 1, 0, 10, 1, 6, 0},
		{9, 7, 0, 200, 10, 3, 12, 3, 5, 255, 5, 255, 5, 255, 10, 9},
	} {
		f.Add(ops, byte(i)) // over each kind of connection
	}
	f.Fuzz(func(t *testing.T, ops []byte, way byte) {
		if len(ops) > 100 {
			return
		}
		asynciotest.Run(t, func(ctx context.Context) {
			near, far := ends(ctx, t, way)
			m := &monkey{t: t, far: far, sockets: onSockets(way), p: make([]byte, 1<<16)}
			if _, err := streams.StartProtocol(ctx, near, m); err != nil {
				t.Fatal(err)
			}
			for ; len(ops) > 1; ops = ops[2:] {
				m.step(ctx, ops[0], int(ops[1]))
			}
			m.end(ctx)
		}, append(patient(way), asynciotest.RealNetwork())...)
	})
}

// patient keeps a clock that jumps from taking a slow machine for one on which
// nothing more happens: TCP may go on by a timer of its own, in real time.
func patient(way byte) []asynciotest.Option {
	if !onSockets(way) {
		return nil
	}
	return []asynciotest.Option{asynciotest.Patience(patience)}
}

// onSockets reports whether ends returns sockets. Nothing may sleep on those
// for things to happen: until a clock that jumps believes that nothing more
// comes from outside, it waits in real time.
func onSockets(way byte) bool { return way%3 > 0 }

// somePasses lets as many go by as a busy loop makes between two looks at its
// sockets, and a few more.
func somePasses(ctx context.Context) {
	for range 70 {
		_ = asyncio.Yield(ctx)
	}
}

// withinPasses gives a call some passes, and then cancels it: the error is
// asyncio.ErrCanceled.
func withinPasses(ctx context.Context, call func(ctx context.Context) error) error {
	task := asyncio.Go(ctx, call, asyncio.Eager())
	if !task.Done() {
		somePasses(ctx)
		task.Cancel()
	}
	_, err := task.Await(ctx)
	return err
}

// ends returns both ends of a connection, in memory or of sockets with buffers
// so small that they fill.
func ends(ctx context.Context, t *testing.T, way byte) (near, far net.Conn) {
	var a, b *streams.Conn
	switch way % 3 {
	case 0:
		return asynciotest.Pipe(ctx)
	case 1:
		a, b = pair(ctx, t, "unix", unixAddress(t))
		setBuffers(t, a, 4<<10)
		setBuffers(t, b, 4<<10)
	case 2: // below the size of a segment, TCP goes by timers of its own
		a, b = pair(ctx, t, "tcp", "127.0.0.1:0")
		setBuffers(t, a, 128<<10)
		setBuffers(t, b, 128<<10)
	}
	return a, b
}

// A monkey is a protocol that checks the rules, and what plays on it.
type monkey struct {
	t         *testing.T
	transport *streams.Transport
	far       net.Conn
	sockets   bool // what is unread when one side closes takes with it what that side has written
	p         []byte

	sent     int // by the far side
	farEnded bool
	farShut  bool
	got      int
	written  int // by the transport
	received int // by the far side
	inside   int // what DataReceived is to do
	pausing  int // what PauseWriting is to do

	paused  bool // reading
	writing bool // was paused, and not resumed
	eof     bool
	keep    bool // the connection open at the end
	wroteEO bool
	closed  bool // Close or Abort was called
	aborted bool
	lost    asyncio.Event
	err     error
}

func (m *monkey) ConnectionMade(t *streams.Transport) { m.transport = t }

func (m *monkey) DataReceived(p []byte) {
	m.mayBeTold("DataReceived")
	if m.paused || m.eof || m.closed || len(p) == 0 {
		m.t.Errorf("DataReceived of %d bytes; paused: %v, after the end: %v, closed: %v", len(p), m.paused, m.eof, m.closed)
	}
	for i, b := range p {
		if b != letter(m.got+i) {
			m.t.Fatalf("byte %d is wrong", m.got+i)
		}
	}
	m.got += len(p)
	switch m.inside % 8 {
	case 1:
		m.setPaused(true)
	case 2:
		m.write(m.inside * 10)
	case 3:
		m.close(false)
	case 4:
		m.close(true)
	case 5:
		m.setPaused(true)
		m.setPaused(false)
	case 6:
		m.wroteEO = true
		_ = m.transport.WriteEOF()
	case 7:
		m.transport.SetWaterMarks(m.inside, m.inside*100)
	}
	m.inside = 0
}

func (m *monkey) EOFReceived() bool {
	m.mayBeTold("EOFReceived")
	if m.paused || m.eof || m.closed || !m.farEnded || m.got != m.sent {
		m.t.Errorf("EOFReceived after %d of %d bytes; paused: %v, again: %v, closed: %v, ended: %v",
			m.got, m.sent, m.paused, m.eof, m.closed, m.farEnded)
	}
	m.eof = true
	if !m.keep {
		m.closed = true
	}
	return m.keep
}

func (m *monkey) PauseWriting() {
	m.mayBeTold("PauseWriting")
	if _, high := m.transport.WaterMarks(); m.writing || m.transport.Buffered() <= high {
		m.t.Errorf("PauseWriting at %d bytes; again: %v", m.transport.Buffered(), m.writing)
	}
	m.writing = true
	switch m.pausing % 8 {
	case 1:
		m.setPaused(true)
	case 2:
		m.close(false)
	case 3:
		m.close(true)
	}
}

func (m *monkey) ResumeWriting() {
	m.mayBeTold("ResumeWriting")
	// It was down at the low mark; what was written all the same may have come since.
	if _, high := m.transport.WaterMarks(); !m.writing || m.transport.Buffered() > high {
		m.t.Errorf("ResumeWriting at %d bytes; again: %v", m.transport.Buffered(), !m.writing)
	}
	m.writing = false
}

func (m *monkey) ConnectionLost(err error) {
	m.mayBeTold("ConnectionLost")
	if err == nil && !m.closed {
		m.t.Error("the connection was lost without a reason")
	}
	if err != nil && !m.farShut {
		m.t.Errorf("it was lost with %v", err)
	}
	m.err = err
	m.lost.Set()
}

func (m *monkey) mayBeTold(what string) {
	if m.lost.IsSet() {
		m.t.Errorf("%s after ConnectionLost", what)
	}
	if m.transport == nil {
		m.t.Fatalf("%s before ConnectionMade", what)
	}
}

func (m *monkey) step(ctx context.Context, op byte, arg int) {
	switch op % 13 {
	case 0, 1:
		m.send(ctx, arg*arg)
	case 2:
		m.receive(ctx, arg*arg)
	case 3:
		m.setPaused(true)
	case 4:
		m.setPaused(false)
	case 5:
		m.write(arg * arg)
	case 6:
		m.end1(arg)
	case 7:
		if arg%4 == 0 {
			m.close(arg%8 == 0)
		}
	case 8:
		m.keep = arg%2 == 0
	case 9:
		m.inside = arg
	case 10:
		for range arg % 5 {
			_ = asyncio.Yield(ctx)
		}
	case 11:
		m.settle(ctx)
	case 12:
		m.pausing = arg
	}
}

// settle lets happen what happens of itself.
func (m *monkey) settle(ctx context.Context) {
	if m.sockets {
		somePasses(ctx)
	} else {
		_ = asyncio.Sleep(ctx, time.Hour)
	}
}

// send sends from the far side what there is room for.
func (m *monkey) send(ctx context.Context, n int) {
	if m.farEnded {
		return
	}
	for i := range n {
		m.p[i] = letter(m.sent + i)
	}
	took := m.within(ctx, func() (int, error) { return m.far.Write(m.p[:n]) })
	m.sent += took
}

// receive reads at the far side what has come.
func (m *monkey) receive(ctx context.Context, n int) {
	if m.farShut || n == 0 {
		return
	}
	m.check(m.p[:m.within(ctx, func() (int, error) { return m.far.Read(m.p[:n]) })])
}

// within gives a call of the far side some passes.
func (m *monkey) within(ctx context.Context, call func() (int, error)) (n int) {
	err := withinPasses(ctx, func(context.Context) (err error) {
		n, err = call()
		return err
	})
	expected := err == nil || errors.Is(err, asyncio.ErrCanceled) || m.wroteEO && err == io.EOF
	if !expected && !m.closed {
		m.t.Fatalf("at the far side: %v", err)
	}
	return n
}

func (m *monkey) check(p []byte) {
	for i, b := range p {
		if b != letter(m.received+i) {
			m.t.Fatalf("byte %d that has come is wrong", m.received+i)
		}
	}
	m.received += len(p)
}

func (m *monkey) setPaused(paused bool) {
	m.paused = paused
	if paused {
		m.transport.PauseReading()
	} else {
		m.transport.ResumeReading()
	}
}

func (m *monkey) write(n int) {
	p := make([]byte, n)
	for i := range p {
		p[i] = letter(m.written + i)
	}
	took, err := m.transport.Write(p)
	m.written += took
	if err != nil && !m.closed && !m.wroteEO && !m.farShut {
		m.t.Fatalf("it wrote %d of %d bytes: %v", took, n, err)
	}
}

// end1 ends one of the streams.
func (m *monkey) end1(arg int) {
	switch arg % 3 {
	case 0:
		m.farEnded = true
		_ = m.far.(interface{ CloseWrite() error }).CloseWrite()
	case 1:
		m.wroteEO = true
		_ = m.transport.WriteEOF()
	case 2:
		if arg%5 == 0 {
			m.farEnded, m.farShut = true, true
			_ = m.far.Close()
		}
	}
}

func (m *monkey) close(abort bool) {
	m.closed = true
	if abort {
		m.aborted = true
		_ = m.transport.Abort()
	} else {
		_ = m.transport.Close()
	}
}

// end lets everything come to its end, and looks whether it has.
func (m *monkey) end(ctx context.Context) {
	m.inside = 0
	m.setPaused(false)
	m.awaitSent(ctx)
	m.close(false)
	if !m.farShut {
		rest, err := io.ReadAll(m.far)
		m.check(rest)
		unread := m.sockets && m.got != m.sent
		if m.received != m.written && !m.aborted && !unread {
			m.t.Errorf("%d of %d bytes have come at the far side: %v", m.received, m.written, err)
		}
	}
	_ = m.lost.Wait(ctx)
	_ = m.far.Close()
	m.settle(ctx)
}

// awaitSent expects that everything comes that was sent, and the end of it,
// unless the connection is closed.
func (m *monkey) awaitSent(ctx context.Context) {
	for end := time.Now().Add(patience); !m.closed && !m.farShut; {
		if m.got == m.sent && m.eof == m.farEnded {
			return
		}
		if time.Now().After(end) {
			m.t.Fatalf("%d of %d bytes have come; the end: %v of %v", m.got, m.sent, m.eof, m.farEnded)
		}
		m.settle(ctx)
	}
}
