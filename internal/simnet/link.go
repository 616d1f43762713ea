package simnet

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Link is the way from one host to another, in this direction. For settings that it
// does not have, those for all links of the network count; see Network.All. Without any
// setting, everything that is sent arrives at once. Loop only. It makes a conn.Path.
type Link struct {
	network  *Network
	from, to int   // the numbers of hosts; a host that is started again has the same
	all      *Link // what holds for all links; nil: this is that
	latency  setting[span]
	loss     setting[float64]
	rate     setting[int]  // in bytes a second; 0: there is no limit
	cuts     int           // how many partitions there are
	free     time.Duration // when what was sent has left, at that rate
}

// A setting is a value that may have been set.
type setting[T any] struct {
	value T
	set   bool
}

func (s *setting[T]) put(v T) { *s = setting[T]{v, true} }

// or returns the value, or else that of another.
func (s setting[T]) or(other setting[T]) T {
	if s.set {
		return s.value
	}
	return other.value
}

// A span is from min to max, each time as likely as the other.
type span struct{ min, max time.Duration }

// Link returns the link from one host to another.
func (n *Network) Link(from, to *Host) *Link { return n.link(from.number, to.number) }

func (n *Network) link(from, to int) *Link {
	l := n.links[[2]int{from, to}]
	if l == nil {
		l = &Link{network: n, from: from, to: to, all: n.all}
		n.links[[2]int{from, to}] = l
	}
	return l
}

// All returns what holds for all links between hosts, as far as they have nothing of their
// own.
func (n *Network) All() *Link { return n.all }

// back returns the link in the other direction.
func (l *Link) back() *Link {
	if l.all == nil {
		return l
	}
	return l.network.link(l.to, l.from)
}

// base returns what holds where the link has nothing of its own.
func (l *Link) base() *Link {
	if l.all == nil {
		return l
	}
	return l.all
}

// SetLatency sets how long it takes until what is sent arrives.
func (l *Link) SetLatency(min, max time.Duration) { l.latency.put(span{min, max}) }

// SetLoss sets how likely a segment, or a datagram, is lost.
func (l *Link) SetLoss(p float64) { l.loss.put(p) }

// SetBandwidth sets how many bytes a second the link carries; 0: there is no limit.
func (l *Link) SetBandwidth(bytes int) { l.rate.put(bytes) }

// Cut drops everything that is sent from now on, until heal is called as often as Cut
// was.
func (l *Link) Cut() (heal func()) {
	l.cuts++
	return sync.OnceFunc(func() { l.cuts-- })
}

// Reset resets all connections between the two hosts, or, of the link that is for all, all
// between hosts.
func (l *Link) Reset() {
	n := l.network
	for _, h := range append([]*Host{n.local}, n.hosts...) {
		for e := range h.ends.All() {
			if e.peer != h.number && (l.all == nil || h.number == l.from && e.peer == l.to || h.number == l.to && e.peer == l.from) {
				e.stream.Cut()
			}
		}
	}
}

// Instant makes a Link a conn.Path.
func (l *Link) Instant() bool {
	return l.Open() && l.span().max == 0 && l.chance() == 0 && l.bandwidth() == 0
}

// Open makes a Link a conn.Path.
func (l *Link) Open() bool { return l.cuts == 0 && l.base().cuts == 0 }

// Lost makes a Link a conn.Path.
func (l *Link) Lost() bool {
	p := l.chance()
	return p > 0 && l.network.Rand.Float64() < p
}

// Delay makes a Link a conn.Path.
func (l *Link) Delay(bytes int) time.Duration {
	s := l.span()
	d := s.min
	if s.max > s.min {
		d += time.Duration(l.network.Rand.Int64N(int64(s.max-s.min) + 1))
	}
	return d + l.transmit(bytes)
}

// transmit returns how long it takes until bytes that are sent now have left: they wait
// for what was sent before.
func (l *Link) transmit(bytes int) time.Duration {
	rate := l.bandwidth()
	if rate == 0 {
		return 0
	}
	now := l.network.loop.Now()
	takes := time.Duration(math.Ceil(float64(bytes) * float64(time.Second) / float64(rate)))
	l.free = max(l.free, now) + takes
	return l.free - now
}

// minTimeout is that of Linux.
const minTimeout = 200 * time.Millisecond

// Timeout makes a Link a conn.Path: twice the longest round trip, at least.
func (l *Link) Timeout() time.Duration {
	return max(minTimeout, 2*(l.span().max+l.back().span().max))
}

func (l *Link) span() span      { return l.latency.or(l.base().latency) }
func (l *Link) chance() float64 { return l.loss.or(l.base().loss) }
func (l *Link) bandwidth() int  { return l.rate.or(l.base().rate) }

// Send decides about something that is sent now and is not sent again if it is lost: how
// long it takes to arrive, or that it does not arrive. what is for those who watch the
// loop, and so is length, which is that of bytes without a header.
func (l *Link) Send(what engine.Label, bytes, length int) (d time.Duration, arrives bool) {
	if arrives = l.Open() && !l.Lost(); arrives {
		d = l.Delay(bytes)
	}
	l.Note(what, length, !arrives, l.network.loop.Now()+d)
	return d, arrives
}

// Note makes a Link a conn.Path.
func (l *Link) Note(what engine.Label, bytes int, lost bool, arrives time.Duration) {
	n := l.network
	if n.loop.Traced() {
		n.loop.TellSent(engine.Sending{
			From: n.nameOf(l.from), To: n.nameOf(l.to), What: what, Bytes: bytes, Lost: lost, Arrives: arrives,
		})
	}
}

// nameOf returns the name of the host with a number.
func (n *Network) nameOf(number int) string {
	if number == localNumber {
		return n.local.name
	}
	return n.hosts[number].name
}

// defaultRand is the chance of a network that was given no other.
func defaultRand() *rand.Rand { return rand.New(rand.NewPCG(1, 0)) }
