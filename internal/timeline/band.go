package timeline

import (
	"cmp"
	"slices"
	"time"
)

// A Band is a simulated host: the rows of its tasks belong together.
type Band struct {
	Name string
	Up   []Period // when the host was up
}

// A Period is a time from its beginning to its end.
type Period struct{ From, To time.Duration }

// A Message is something that one host has sent to another. Bands are meant by their
// places in the chart.
type Message struct {
	From, To      int
	Sent, Arrives time.Duration // one that is lost never arrives
	Kind          MessageKind
}

// A MessageKind says what a message is. Of messages that fall together in a drawing, the
// kind that comes last here is shown: it is the rarest, and says the most.
type MessageKind uint8

// The kinds of messages.
const (
	Data       MessageKind = iota
	Connecting             // a connection is asked for, or accepted
	Refusing               // a connection is refused, or reset
	Lost                   // whatever it was, it does not arrive
)

// hosts are the bands and the messages of a chart in the making.
type hosts struct {
	are      bool // there are hosts beside the one that the test itself is on
	all      map[hostKey]*host
	order    []*host
	messages []message
}

type hostKey struct {
	loop int
	name string
}

type host struct {
	Band
	place int
	up    bool // since the beginning of the last period
	seen  bool // it was said whether it is up
}

type message struct {
	Message
	from, to *host
}

// localhost is the host of tasks of which nothing else is said.
const localhost = "localhost"

func (h *hosts) of(loop int, name string) *host {
	key := hostKey{loop, cmp.Or(name, localhost)}
	if one, ok := h.all[key]; ok {
		return one
	}
	if h.all == nil {
		h.all = map[hostKey]*host{}
	}
	one := &host{Band: Band{Name: key.name}}
	h.all[key] = one
	h.order = append(h.order, one)
	return one
}

func (h *hosts) add(e Event) {
	h.are = true
	one := h.of(e.Loop, e.Host)
	switch e.Kind {
	case HostUp:
		one.begin(e.At)
	case HostDown:
		one.end(e.At)
	case MessageSent:
		h.messages = append(h.messages, message{Message{Sent: e.At, Arrives: e.Arrives, Kind: e.Message}, one, h.of(e.Loop, e.To)})
	}
}

func (h *host) begin(at time.Duration) {
	if h.up {
		return
	}
	h.seen, h.up = true, true
	h.Up = append(h.Up, Period{From: at})
}

func (h *host) end(at time.Duration) {
	if !h.seen { // it was up before the first event
		h.begin(0)
	}
	if h.up {
		h.Up[len(h.Up)-1].To = at
	}
	h.up = false
}

// intoBands gives a chart its bands and messages, if there are hosts, and puts the tasks
// of each host together.
func (b *Builder) intoBands(c *Chart, now time.Duration) {
	h := &b.hosts
	if !h.are {
		return
	}
	for i, one := range h.order {
		if !one.seen { // it was up before the first event, and is up still
			one.begin(b.first)
		}
		if one.up {
			one.end(now)
		}
		for p := range one.Up {
			one.Up[p].From = max(one.Up[p].From-b.first, 0)
			one.Up[p].To -= b.first
		}
		one.place = i
		c.Bands = append(c.Bands, one.Band)
	}
	for _, m := range h.messages {
		m.From, m.To = m.from.place, m.to.place
		m.Sent -= b.first
		m.Arrives -= b.first
		c.Messages = append(c.Messages, m.Message)
	}
	for _, l := range b.taskOrder {
		if l.host == nil { // nothing is known of its beginning
			l.host = h.order[0]
		}
		l.row.Band = l.host.place
	}
	slices.SortStableFunc(b.taskOrder, func(x, y *life) int { return cmp.Compare(x.row.Band, y.row.Band) })
}
