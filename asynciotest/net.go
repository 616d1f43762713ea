package asynciotest

import (
	"context"
	"net/netip"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
	"github.com/asyncio-go/asyncio/internal/simnet"
)

// A Network is a set of hosts in memory, with links between them whose faults the test
// controls. Package streams uses this network for everything that a program does on a
// host. All random choices, such as latencies and losses, come from the run's seed; they
// do not change the numbers of Rand.
//
// Its methods, and those of Host and Link, are for the loop only; they suspend only where
// they take a context. Python has nothing like it; in Rust: turmoil.
type Network struct {
	session *session
	net     *simnet.Network
	local   *Host
	hosts   []*Host // oldest first
}

// A NetOption is an option of Net.
type NetOption interface{ setNet(*Network) }

type netOption func(*Network)

func (o netOption) setNet(n *Network) { o(n) }

// LookupDelay sets how long it takes to look up a name that has no delay of its own. By
// default it takes no time.
func LookupDelay(d time.Duration) NetOption {
	return netOption(func(n *Network) { n.net.DelayLookups(d) })
}

// Net returns the network of the run that ctx belongs to; each call in one run returns
// the same Network. It begins with one host, called localhost, on which the test itself
// is, and every task that is on no other host. Host adds others. Net panics outside of
// Run, Explore and AssertCancelable.
//
// If a run with other hosts fails, the test's log has a drawing of its end, in which the
// tasks of each host are a band, and messages are arrows. What was recorded of the run is
// in recording.json in t.ArtifactDir, for the command asyncio view.
func Net(ctx context.Context, opts ...NetOption) *Network {
	s := sessionOf(ctx, "Net")
	if s.network == nil {
		s.network = newNetwork(s, ctx)
	}
	option.Apply(s.network, opts, func(o NetOption, n *Network) { o.setNet(n) })
	return s.network
}

func newNetwork(s *session, ctx context.Context) *Network {
	net := simnet.For(ctx)
	net.Rand = s.chance
	n := &Network{session: s, net: net}
	n.local = &Host{network: n, sim: net.Local(), name: "localhost"}
	return n
}

// Host adds a host and starts main on it, as a task with the host's name. Tasks that main
// starts are on the host as well, and so is code that is called with its context. All
// hosts share one loop, and the variables of the program.
//
// The host ends when main has returned: its open connections are closed, and its other
// tasks are canceled. If main fails or panics, the test fails. Hosts that still run when
// the test's function returns are stopped.
//
// Host panics if there is a host with that name or address already.
func (n *Network) Host(name string, main func(ctx context.Context) error, opts ...HostOption) *Host {
	n.check("Network.Host")
	if main == nil {
		panic("asynciotest: Network.Host: nil main: pass what is to run on the host")
	}
	h := &Host{network: n, name: name, main: main, disk: map[string][]byte{}}
	var c hostConfig
	option.Apply(&c, opts, func(o HostOption, c *hostConfig) { o.setHost(c) })
	n.session.watchHosts(n.loop())
	sim, err := n.net.Add(name, c.addrs...)
	if err != nil {
		panic("asynciotest: Network.Host: " + err.Error())
	}
	h.sim = sim
	h.clock = hostClock{loop: n.loop(), skew: c.skew, drift: c.drift, since: n.loop().Now()}
	n.hosts = append(n.hosts, h)
	h.start()
	return h
}

func (n *Network) loop() *engine.Loop { return engine.LoopOf(n.session.ctx) }

func (n *Network) check(op string) { n.loop().Check("asynciotest." + op) }

// Local returns the host on which the test itself is.
func (n *Network) Local() *Host { return n.local }

// Link returns the link from one host to another, for this direction only. Without any
// setting, what is sent arrives at once.
func (n *Network) Link(from, to *Host) *Link {
	n.check("Network.Link")
	switch {
	case from == to || from == nil || to == nil:
		panic("asynciotest: Network.Link is for two hosts; within one host nothing is late or lost")
	case from.network != n || to.network != n:
		panic("asynciotest: Network.Link: a host is of another run: add hosts in the function of the test")
	}
	return &Link{there: n.net.Link(from.sim, to.sim), back: n.net.Link(to.sim, from.sim)}
}

// All returns a Link whose settings hold for all links that have no setting of their own.
// Its partitions cut each host off from all others.
func (n *Network) All() *Link {
	n.check("Network.All")
	return &Link{there: n.net.All()}
}

// LookupDelay sets how long it takes to look up a host's name.
func (n *Network) LookupDelay(name string, d time.Duration) {
	n.check("Network.LookupDelay")
	n.net.DelayName(name, d)
}

// HideName hides the name of a host: a look-up returns "no such host" until show is
// called.
func (n *Network) HideName(name string) (show func()) {
	n.check("Network.HideName")
	return n.net.HideName(name)
}

// stopAll stops the hosts that still run.
func (n *Network) stopAll(ctx context.Context) {
	for _, h := range n.hosts {
		h.cancel()
	}
	for _, h := range n.hosts {
		h.Stop(ctx)
	}
}

// A HostOption is an option of Network.Host.
type HostOption interface{ setHost(*hostConfig) }

type hostOption func(*hostConfig)

func (o hostOption) setHost(c *hostConfig) { o(c) }

type hostConfig struct {
	addrs []netip.Addr
	skew  time.Duration
	drift float64
}

// Addr gives the host an address of IPv4 or IPv6; the option may be given several times.
// By default a host has one IPv4 address, chosen in order: 10.0.0.1, 10.0.0.2, and so on.
func Addr(ip string) HostOption {
	a, err := netip.ParseAddr(ip)
	if err != nil {
		panic("asynciotest: Addr: " + err.Error())
	}
	return hostOption(func(c *hostConfig) { c.addrs = append(slices.Clone(c.addrs), a) })
}

// Skew sets how far the wall clock of the host is ahead of the loop's clock; see
// asyncio.Now. With a negative d it is behind.
func Skew(d time.Duration) HostOption { return hostOption(func(c *hostConfig) { c.skew = d }) }

// Drift sets by how many millionths the wall clock of the host is too fast. Only
// asyncio.Now shows it: sleeps and deadlines go by the loop's clock, which is right.
func Drift(ppm float64) HostOption { return hostOption(func(c *hostConfig) { c.drift = ppm }) }

// A hostClock is the wall clock of a host.
type hostClock struct {
	loop  *engine.Loop
	skew  time.Duration
	drift float64
	since time.Duration // when the host was added
}

func (c *hostClock) now() time.Time {
	now := c.loop.Now()
	return c.loop.Time(now).Add(c.skew + time.Duration(float64(now-c.since)*c.drift/1e6))
}

// A Link is the way from one host to another.
type Link struct {
	there *simnet.Link
	back  *simnet.Link // nil: they are all links
}

// Latency sets how long it takes from sending to arriving: a random time from min to max,
// all equally likely. In one connection, what was sent first arrives first.
func (l *Link) Latency(min, max time.Duration) {
	if min < 0 || max < min {
		panic("asynciotest: Link.Latency: pass the shortest, which is not negative, and then the longest")
	}
	l.there.SetLatency(min, max)
}

// Loss sets the probability that a piece is lost on its way. A datagram is lost for good.
// A segment of a connection is sent again, after 200 ms or more, and then after twice
// that time; if it was lost nine times, the connection ends with ETIMEDOUT at the end
// that has sent it.
func (l *Link) Loss(p float64) {
	if !(p >= 0 && p <= 1) {
		panic("asynciotest: Link.Loss: a probability is from 0 to 1")
	}
	l.there.SetLoss(p)
}

// Bandwidth sets how many bytes the link carries in a second; 0, the default, means no
// limit. All connections share it: what is sent waits for what was sent before.
func (l *Link) Bandwidth(bytesPerSecond int) {
	if bytesPerSecond < 0 {
		panic("asynciotest: Link.Bandwidth: pass how many bytes a second, or 0 for no limit")
	}
	l.there.SetBandwidth(bytesPerSecond)
}

// Partition lets nothing through, in both directions, until heal is called. What is on
// its way already arrives. For a sender it is as if everything were lost; see Loss. A
// Dial returns ETIMEDOUT after 127 seconds.
func (l *Link) Partition() (heal func()) {
	there := l.there.Cut()
	if l.back == nil {
		return there
	}
	back := l.back.Cut()
	return func() {
		there()
		back()
	}
}

// PartitionOneWay is Partition for this direction only.
func (l *Link) PartitionOneWay() (heal func()) { return l.there.Cut() }

// Reset resets all connections between the two hosts, at both ends and at once: reads
// return ECONNRESET.
func (l *Link) Reset() { l.there.Reset() }
