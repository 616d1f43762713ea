package streams

import (
	"io"
	"sync"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is about how a Transport calls its protocol. All of this runs in callbacks,
// except PauseWriting, which Write calls.

// guard is deferred around the protocol's methods.
func (t *Transport) guard() {
	v := recover()
	if v == nil {
		return
	}
	if engine.IsKill(v) {
		panic(v)
	}
	t.fail(reportPanic(t.owner, "panic in a protocol", v))
}

// fail ends the connection with an error.
func (t *Transport) fail(err error) {
	if t.err == nil {
		t.err = err
	}
	_ = t.abort() // failed gets its error
}

func (t *Transport) start() {
	t.connectionMade()
	t.started = true
	t.starters.WakeAll()
	t.awaitReadable()
}

func (t *Transport) connectionMade() {
	defer t.guard()
	t.proto.ConnectionMade(t)
}

// awaitReadable lets read be called when there is something to read, but not
// before ConnectionMade has returned.
func (t *Transport) awaitReadable() {
	if !t.started || t.awaited || !t.IsReading() {
		return
	}
	t.awaited = true
	t.readable.Init(t.loop, t.toRead)
	t.in.NotifyReadable(&t.place, &t.readable)
}

// stopAwaiting prevents the next call of read, even if that is due already: what has come
// is not read.
func (t *Transport) stopAwaiting() {
	t.awaited = false
	t.place.Remove()
}

// read reads once. If there is more, other connections and tasks have their turn
// first.
func (t *Transport) read() {
	t.awaited = false
	var err error
	if t.buffers != nil {
		err = t.readInto(t.buffers)
	} else {
		err = t.readShared()
	}
	switch err {
	case nil, conn.ErrWouldBlock:
	case io.EOF:
		t.ended = true
		if !t.eofReceived() {
			_ = t.out.Close()
		}
	default:
		t.fail(err)
	}
	t.awaitReadable()
}

// A reading is memory into which connections are read. After a read that fills it, there
// may be more, so a second read has to follow, which often finds nothing. To make this
// rare, a reading is larger than most messages.
type reading [128 << 10]byte

// readings has about one reading for each processor that runs a loop.
var readings = sync.Pool{New: func() any { return new(reading) }}

func (t *Transport) readShared() error {
	p := readings.Get().(*reading)
	defer readings.Put(p)
	n, err := t.in.TryRead(p[:])
	if n > 0 {
		t.dataReceived(p[:n])
	}
	return err
}

func (t *Transport) dataReceived(p []byte) {
	defer t.guard()
	t.proto.DataReceived(p)
}

func (t *Transport) readInto(b BufferedProtocol) error {
	p := t.getBuffer(b)
	if !t.IsReading() {
		return nil // GetBuffer has paused or closed the connection, or has panicked
	}
	n, err := t.in.TryRead(p)
	if n > 0 {
		t.bufferUpdated(b, n)
	}
	return err
}

func (t *Transport) getBuffer(b BufferedProtocol) []byte {
	defer t.guard()
	p := b.GetBuffer()
	if len(p) == 0 && t.IsReading() {
		panic("streams: GetBuffer returned an empty buffer: there has to be room for what has come; use PauseReading to stop it")
	}
	return p
}

func (t *Transport) bufferUpdated(b BufferedProtocol, n int) {
	defer t.guard()
	b.BufferUpdated(n)
}

func (t *Transport) eofReceived() (keepOpen bool) {
	defer t.guard()
	return t.proto.EOFReceived()
}

// transportFlow is the flow of the Transport's Writer: it is told what becomes of the
// bytes that the Writer keeps.
type transportFlow Transport

// above is called inside Write.
func (f *transportFlow) above() {
	t := (*Transport)(f)
	if !t.told {
		t.told = true
		t.pauseWriting()
	}
}

func (t *Transport) pauseWriting() {
	defer t.guard()
	t.proto.PauseWriting()
}

// below is called anywhere.
func (f *transportFlow) below() { f.loop.CallUser((*Transport)(f).resumeWriting) }

// resumeWriting resumes, unless there is too much again.
func (t *Transport) resumeWriting() {
	if !t.told || t.out.paused {
		return
	}
	defer t.guard()
	t.told = false
	t.proto.ResumeWriting()
}

func (f *transportFlow) failed(err error) { (*Transport)(f).fail(err) }

// closed is called once, anywhere.
func (f *transportFlow) closed() {
	f.in.Stop()
	f.loop.CallUser((*Transport)(f).connectionLost)
}

func (t *Transport) connectionLost() {
	defer t.onLost()
	defer t.guard()
	t.proto.ConnectionLost(t.err)
}
