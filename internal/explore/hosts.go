package explore

import (
	"cmp"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// WatchHosts makes the Timeline note on which simulated host each step is, and what hosts
// send. hostOf returns the name of a task's host; "" stands for that of the test itself.
// Loop only.
func (l *Timeline) WatchHosts(loop *engine.Loop, hostOf func(t *engine.Task) string) {
	if l.hosts == nil {
		l.hosts = &hostWatch{line: l, loop: loop, hostOf: hostOf}
		loop.Listen(l.hosts)
	}
}

// A hostWatch is an engine.SendListener. It is told of a step after the Timeline's hooks,
// because it began to listen later.
type hostWatch struct {
	line   *Timeline
	loop   *engine.Loop
	hostOf func(t *engine.Task) string
}

// A sending is something that a host has sent.
type sending struct {
	engine.Sending
	at    time.Duration
	again int // how often the same was sent once more
}

// sentKept bounds what is kept for one step.
const sentKept = 16

func (w *hostWatch) Kinds() engine.Kinds { return engine.Of(engine.Begins) }

func (w *hostWatch) Hear(_ engine.Kind, t *engine.Task, _ uint64) {
	if !w.line.frozen {
		w.line.Last().host = w.hostOf(t)
	}
}

// HearSent adds it to the last step, even if it was sent by the network after that.
func (w *hostWatch) HearSent(sent engine.Sending) {
	l := w.line
	if l.frozen || l.count == 0 {
		return
	}
	s := l.Last()
	sent.Arrives = w.loop.Time(sent.Arrives).Sub(l.start)
	now := sending{Sending: sent, at: w.loop.Time(w.loop.Now()).Sub(l.start)}
	if n := len(s.sent); n > 0 && s.sent[n-1].Sending == sent && s.sent[n-1].at == now.at {
		s.sent[n-1].again++
	} else if n < sentKept {
		s.sent = append(s.sent, now)
	} else {
		s.more++
	}
}

// writeOnHost writes a step as Write does, with its host, and below it what was sent.
func (s *Step) writeOnHost(w io.Writer) {
	fmt.Fprintf(w, "%v\t%d\t%s\t%s\t%s\n", s.at, s.pass, cmp.Or(s.host, "localhost"), s.Task, s)
	for i := range s.sent {
		fmt.Fprintf(w, "%v\t\t%s\t\t%s\n", s.sent[i].at, s.sent[i].From, &s.sent[i])
	}
	if s.more > 0 {
		fmt.Fprintf(w, "\t\t\t\t(%d more were sent)\n", s.more)
	}
}

// String says what was sent, and what becomes of it.
func (s *sending) String() string {
	text := "sends " + s.What.String()
	if s.Bytes > 0 {
		text += fmt.Sprintf(" (%d bytes)", s.Bytes)
	}
	text += " to " + s.To
	switch {
	case s.Lost:
		text += ", which is lost"
	case s.Arrives <= s.at:
		text += ", which arrives at once"
	default:
		text += fmt.Sprintf(", which arrives at %v", s.Arrives)
	}
	if s.again > 0 {
		text += fmt.Sprintf("; %d times", s.again+1)
	}
	return text
}
