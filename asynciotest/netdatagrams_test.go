package asynciotest_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// An arrival is the number of a datagram, and how long it took.
type arrival struct {
	number byte
	after  time.Duration
}

// sendOver sends numbered datagrams of this size at once, and returns those that arrive
// within some minutes, in their order.
func sendOver(t *testing.T, ctx context.Context, count, size int, set func(n *asynciotest.Network, link *asynciotest.Link)) []arrival {
	t.Helper()
	n := asynciotest.Net(ctx)
	var got []arrival
	took := elapsed(ctx)
	server := n.Host("server", func(ctx context.Context) error {
		c, err := streams.ListenPacket(ctx, "udp", ":53")
		if err != nil {
			return err
		}
		for b := make([]byte, size); ; {
			if _, _, err := c.ReadFrom(b); err != nil {
				return err
			}
			got = append(got, arrival{b[0], took()})
		}
	})
	_ = asynciotest.WaitAllBlocked(ctx)
	set(n, n.Link(n.Local(), server))
	c, err := streams.DialPacket(ctx, "udp", "server:53")
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for i := range count {
		p := make([]byte, size)
		p[0] = byte(i)
		if _, err := c.Write(p); err != nil {
			t.Fatal(err)
		}
	}
	_ = asyncio.Sleep(ctx, 10*time.Minute)
	return got
}

func TestDatagramsOverLinks(t *testing.T) {
	t.Run("overtake each other", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			got := sendOver(t, ctx, 100, 1, func(_ *asynciotest.Network, link *asynciotest.Link) {
				link.Latency(time.Millisecond, 50*time.Millisecond)
			})
			numbers := map[byte]bool{}
			for i, a := range got {
				numbers[a.number] = true
				if a.after < time.Millisecond || a.after > 50*time.Millisecond || i > 0 && a.after < got[i-1].after {
					t.Errorf("one took %v", a.after)
				}
			}
			if len(got) != 100 || len(numbers) != 100 || slices.IsSortedFunc(got, func(a, b arrival) int { return int(a.number) - int(b.number) }) {
				t.Errorf("%d came, in the order %v", len(got), got)
			}
		}, asynciotest.Runs(10))
	})
	t.Run("wait for each other where the bandwidth is small", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			got := sendOver(t, ctx, 10, 972, func(_ *asynciotest.Network, link *asynciotest.Link) {
				link.Bandwidth(1000) // of each, with its header, one a second
			})
			for i, a := range got {
				if int(a.number) != i || a.after != time.Duration(i+1)*time.Second {
					t.Errorf("number %d came after %v", a.number, a.after)
				}
			}
			if len(got) != 10 {
				t.Errorf("%d came", len(got))
			}
		})
	})
	t.Run("are lost in a partition, for good", func(t *testing.T) {
		for name, cut := range map[string]func(n *asynciotest.Network, link *asynciotest.Link) func(){
			"of a link":         func(_ *asynciotest.Network, link *asynciotest.Link) func() { return link.Partition() },
			"in this direction": func(_ *asynciotest.Network, link *asynciotest.Link) func() { return link.PartitionOneWay() },
			"of all":            func(n *asynciotest.Network, _ *asynciotest.Link) func() { return n.All().Partition() },
		} {
			asynciotest.Run(t, func(ctx context.Context) {
				got := sendOver(t, ctx, 10, 1, func(n *asynciotest.Network, link *asynciotest.Link) {
					link.Latency(time.Millisecond, time.Millisecond)
					asyncio.RunningLoop(ctx).CallLater(time.Second, cut(n, link))
				})
				if len(got) != 0 {
					t.Errorf("%s: %v came", name, got)
				}
			})
		}
	})
	t.Run("to who is not there: the answer travels, too", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			server := n.Host("server", func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			n.All().Latency(time.Second, time.Second)
			c, err := streams.DialPacket(ctx, "udp", "server:53")
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			for _, heals := range []bool{false, true} {
				_, _ = c.Write([]byte("x"))
				took := elapsed(ctx)
				heal := func() {}
				if !heals {
					heal = n.Link(server, n.Local()).PartitionOneWay()
				}
				_ = c.SetReadDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Minute))
				_, err := c.Read(make([]byte, 1))
				want, after := error(syscall.ECONNREFUSED), 2*time.Second
				if !heals {
					want, after = os.ErrDeadlineExceeded, time.Minute
				}
				expectIs(t, "Read", err, want)
				if op := (*net.OpError)(nil); took() != after || !errors.As(err, &op) || op.Op != "read" || op.Net != "udp" {
					t.Errorf("after %v: %v", took(), err)
				}
				heal()
			}
		})
	})
}
