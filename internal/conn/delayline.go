package conn

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Path is the way between two hosts, in one direction. Loop only.
type Path interface {
	// Instant reports whether all that is sent now arrives at once.
	Instant() bool
	// Open reports whether anything that is sent now can arrive. What was sent before
	// arrives in any case.
	Open() bool
	// Lost decides whether a segment that is sent now is lost on the way.
	Lost() bool
	// Delay decides how long a segment of that many bytes, sent now, takes to arrive.
	Delay(bytes int) time.Duration
	// Note tells those who watch the loop of a segment that is sent now.
	Note(what engine.Label, bytes int, lost bool, arrives time.Duration)
	// Timeout returns how long the sender of a segment waits before it takes it for lost.
	Timeout() time.Duration
}

// A delayLine is one direction of a connection between two hosts: the segments that are
// on their way, in the order in which they were sent, which is the order in which they
// arrive. Loop only.
type delayLine struct {
	path     Path
	loop     *engine.Loop
	to       *MemoryStream
	segments []segment
	bytes    []byte // of the segments
	taken    int    // so many of the bytes have arrived
	timer    engine.Timer
	sent     int    // how many bytes were sent that the other end has not said to have read
	unsaid   int    // how many it has read and not said so
	opened   func() // is called when the other end learns that there is a connection
}

// A segment is lost or arrives as a whole.
type segment struct {
	kind    segmentKind
	size    int           // in bytes; of an update, how many were read
	arrives time.Duration // when it arrives, or, if it is lost, is sent again
	lost    bool
	retries int
}

type segmentKind uint8

const (
	segmentOpen   segmentKind = iota // the last part of the handshake
	segmentData                      // some bytes
	segmentEnd                       // nothing more will be written
	segmentUpdate                    // the other direction has room for more
	segmentReset                     // the end from which it comes was closed abruptly
	segmentNoOne                     // the answer to what came to an end that is not there any more
)

// labels are what those who watch the loop are told of; of the other kinds they are not,
// because a program does not send them.
var labels = map[segmentKind]engine.Label{
	segmentData:  engine.NewLabel("data"),
	segmentEnd:   engine.NewLabel("end"),
	segmentReset: engine.NewLabel("reset"),
	segmentNoOne: engine.NewLabel("reset"),
}

// note tells those who watch the loop of a segment that is sent now.
func (l *delayLine) note(kind segmentKind, size int, lost bool, arrives time.Duration) {
	if !l.loop.Traced() {
		return
	}
	what, told := labels[kind]
	if kind != segmentData {
		size = 0
	}
	if told {
		l.path.Note(what, size, lost, arrives)
	}
}

const (
	segmentSize = 1460 // what Ethernet has room for
	headerSize  = 40   // of a segment that has no options
	maxRetries  = 8
)

// put sends as much of p as there is room for.
func (l *delayLine) put(p []byte, window int) int {
	n := min(len(p), window-l.sent)
	if n <= 0 {
		return 0
	}
	l.sent += n
	if l.isInstant() {
		l.note(segmentData, n, false, l.loop.Now())
		l.arrive(segmentData, n, p[:n])
		return n
	}
	if len(l.bytes)+n > cap(l.bytes) {
		l.bytes, l.taken = l.bytes[:copy(l.bytes, l.bytes[l.taken:])], 0
	}
	l.bytes = append(l.bytes, p[:n]...)
	for left := n; left > 0; left -= segmentSize {
		l.transmit(segment{kind: segmentData, size: min(left, segmentSize)})
	}
	return n
}

func (l *delayLine) isInstant() bool { return len(l.segments) == 0 && l.path.Instant() }

// send sends something that is not data.
func (l *delayLine) send(kind segmentKind, size int) {
	if l.isInstant() {
		l.note(kind, size, false, l.loop.Now())
		l.arrive(kind, size, nil)
		return
	}
	l.transmit(segment{kind: kind, size: size})
}

// transmit puts a segment on its way.
func (l *delayLine) transmit(s segment) {
	l.try(&s)
	l.segments = append(l.segments, s)
	if len(l.segments) == 1 {
		l.timer.Set(l.loop, s.arrives, l)
	}
}

// try sends a segment once. If it is lost, the next time is twice as far away as the one
// before.
func (l *delayLine) try(s *segment) {
	now := l.loop.Now()
	if s.lost = !l.path.Open() || l.path.Lost(); s.lost {
		s.arrives = now + l.path.Timeout()<<s.retries
		l.note(s.kind, s.size, true, 0)
		return
	}
	bytes := headerSize
	if s.kind == segmentData {
		bytes += s.size
	}
	s.arrives = now + l.path.Delay(bytes)
	l.note(s.kind, s.size, false, s.arrives)
}

// reset sends a segment that ends the connection. It is not sent again if it is lost, and
// neither is what was lost before, because the sending end no longer exists.
func (l *delayLine) reset(kind segmentKind) {
	if l.isInstant() {
		l.note(kind, 0, false, l.loop.Now())
		l.arrive(kind, 0, nil)
		return
	}
	l.forgetLost()
	if l.path.Open() {
		s := segment{kind: kind, arrives: l.loop.Now() + l.path.Delay(headerSize)}
		l.segments = append(l.segments, s)
		l.note(kind, 0, false, s.arrives)
	} else {
		l.note(kind, 0, true, 0)
	}
	if l.timer.Stop(l.loop); len(l.segments) > 0 {
		l.timer.Set(l.loop, l.segments[0].arrives, l)
	}
}

// forgetLost drops the segments from the first on that is lost.
func (l *delayLine) forgetLost() {
	for i, s := range l.segments {
		if s.lost {
			l.segments = l.segments[:i]
			return
		}
	}
}

// clear drops all that is on its way.
func (l *delayLine) clear() {
	l.timer.Stop(l.loop)
	l.segments, l.bytes, l.taken = nil, nil, 0
}

// Fire is called when the first segment arrives or has to be sent again. Segments behind
// it that have come earlier, out of order, arrive with it.
func (l *delayLine) Fire() {
	for len(l.segments) > 0 {
		first := &l.segments[0]
		switch {
		case first.arrives > l.loop.Now():
			l.timer.Set(l.loop, first.arrives, l)
			return
		case !first.lost:
			l.arriveFirst()
		case first.retries == maxRetries:
			l.giveUp()
		default:
			first.retries++
			l.try(first)
		}
	}
}

// Origin tells observers what woke a task.
func (l *delayLine) Origin() engine.Ref { return engine.Ref{Label: originNetwork} }

var originNetwork = engine.NewLabel("network")

func (l *delayLine) arriveFirst() {
	s := l.segments[0]
	if l.segments = l.segments[1:]; len(l.segments) == 0 {
		l.segments = nil
	}
	var p []byte
	if s.kind == segmentData {
		p = l.bytes[l.taken : l.taken+s.size]
		l.taken += s.size
	}
	l.arrive(s.kind, s.size, p)
}

// arrive brings a segment to its end.
func (l *delayLine) arrive(kind segmentKind, size int, p []byte) {
	to := l.to
	switch {
	case kind == segmentOpen:
		l.opened()
	case kind == segmentData && (to.closed || to.dead):
		to.out.line.reset(segmentNoOne)
	case to.closed || to.dead:
	case kind == segmentData:
		to.in.add(p)
	case kind == segmentEnd:
		to.in.ended = true
		to.wakeAll()
	case kind == segmentUpdate:
		to.out.line.sent -= size
		to.out.writers.WakeAll()
	case kind == segmentReset, !to.in.ended:
		to.reset(ErrnoReset)
	default: // that no one is there is what the end of the stream has said already
		to.reset(nil)
	}
}

// read notes that the other end has read some bytes. It sends an update about that when
// they are at least half of the window, as TCP does, so that not every read becomes a
// segment; if segments arrive at once, it sends the update at once.
func (l *delayLine) read(n, window int) {
	l.unsaid += n
	if back := l.to.out.line; back.isInstant() || l.unsaid >= window/2 {
		size := l.unsaid
		l.unsaid = 0
		back.send(segmentUpdate, size)
	}
}

// giveUp ends the connection at the end whose segments do not get through. For an update,
// that is the end that waits for it: all it has sent stays without an answer.
func (l *delayLine) giveUp() {
	late := l.to.peer
	if l.segments[0].kind == segmentUpdate {
		late = l.to
		l.segments = l.segments[1:]
	} else {
		l.clear()
	}
	if !late.closed && !late.dead {
		late.out.line.clear()
		late.reset(ErrnoTimedOut)
	}
}
