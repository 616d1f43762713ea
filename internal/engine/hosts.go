package engine

import (
	"context"
	"time"
)

// Hosts is a Network of several simulated hosts.
type Hosts interface {
	// HostOf returns the name of the host on which tasks with a context are; "" stands for
	// the host of the test itself.
	HostOf(ctx context.Context) string
}

// hosted tells on which simulated host a task is, of which something was told just now.
func (tr *Trace) hosted(t *Task) {
	if tr.page == nil {
		return
	}
	if name := tr.hostOf(t); name != "" {
		c := tr.room(tr.now)
		c.add(record{kind: Hosted, at: tr.now, task: t.id, ref: c.note(name)})
		c.notice()
	}
}

// hostOf returns the name of the simulated host on which a task is, or "".
func (tr *Trace) hostOf(t *Task) string {
	if hosts, ok := tr.loop.Network.(Hosts); ok {
		return hosts.HostOf(t.Context())
	}
	return ""
}

// isNotable reports whether a record of the task's beginning was noticed, so that the one
// of its end has to be.
func (tr *Trace) isNotable(t *Task) bool {
	return t.givenName() != "" || tr.loop.Network != nil && tr.hostOf(t) != ""
}

// TellHost tells of a simulated host: HostUp or HostDown. Loop only.
func (l *Loop) TellHost(k Kind, name string) {
	if tr := l.trace; tr != nil {
		tr.moment(record{kind: k}, nil, name)
	}
}

// A Sending is something that one simulated host sends to another.
type Sending struct {
	From, To string // the names of the hosts
	What     Label
	Bytes    int
	Lost     bool
	Arrives  time.Duration // by the loop's clock; if it is not lost
}

// TellSent tells of a Sending. Ask Traced before, because to make one costs time. Loop
// only.
func (l *Loop) TellSent(s Sending) {
	tr := l.trace
	if tr == nil {
		return
	}
	r := record{kind: Sent, what: s.What, n: uint32(s.Bytes), arg: uint64(s.Arrives)}
	if s.Lost {
		r.kind, r.arg = Lost, 0
	}
	if l.current != nil {
		r.task = l.current.id
	}
	tr.moment(r, nil, s.From+"\n"+s.To)
	for _, x := range tr.listeners {
		if x, ok := x.(SendListener); ok {
			x.HearSent(s)
		}
	}
}

// A SendListener is a Listener that wants to hear what simulated hosts send.
type SendListener interface {
	Listener
	HearSent(s Sending)
}
