package lesson

import (
	"context"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/simnet"
)

// A Network is asynciotest.Network for a lesson, which is no test: hosts in memory, and
// links between them. Loop only.
type Network struct {
	ctx context.Context
	sim *simnet.Network
}

// A Host is a host of a Network.
type Host struct{ sim *simnet.Host }

// Net returns the network of the lesson's loop, as asynciotest.Net does in a test.
func Net(ctx context.Context) *Network {
	return &Network{ctx, simnet.For(ctx)}
}

// Host adds a host, and starts main on it, in a task with the host's name. The host ends
// when main has returned.
func (n *Network) Host(name string, main func(ctx context.Context) error) *Host {
	sim, err := n.sim.Add(name)
	if err != nil {
		panic("lesson: Network.Host: " + err.Error())
	}
	t := asyncio.Go(sim.Context(n.ctx), main, asyncio.Name(name))
	t.AddDoneCallback(func(*asyncio.Task[struct{}]) { sim.Close(net.ErrClosed) })
	return &Host{sim}
}

// Latency sets how long it takes from any host to any other.
func (n *Network) Latency(d time.Duration) { n.sim.All().SetLatency(d, d) }

// Cut loses what one host sends to the other from now on, until heal is called: it is
// asynciotest's Link.PartitionOneWay.
func (n *Network) Cut(from, to *Host) (heal func()) { return n.sim.Link(from.sim, to.sim).Cut() }
