package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// A town is a hall and its guests, each on a host of its own.
type town struct {
	t        *testing.T
	net      *asynciotest.Network
	host     *asynciotest.Host // of the hall
	hall     *hall
	sessions []*session
}

// A session is one connection of a guest, as the guest sees it.
type session struct {
	guest string
	heard []string
}

func newTown(ctx context.Context, t *testing.T) *town {
	w := &town{t: t, net: asynciotest.Net(ctx)}
	w.net.All().Latency(time.Millisecond, 50*time.Millisecond)
	w.host = w.net.Host("hall", func(ctx context.Context) error {
		h := newHall()
		w.hall = h
		l, err := streams.Listen(ctx, "tcp", ":7000")
		if err != nil {
			return err
		}
		return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error { return h.stay(ctx, conn, testLimits) })
	})
	return w
}

// guest adds a guest that comes again whenever it is cut off, or hears nothing for long.
// It says its lines now and then, with pauses that do not depend on what it hears.
func (w *town) guest(name string, pause func() time.Duration) *asynciotest.Host {
	said := 0
	return w.net.Host(name, func(ctx context.Context) error {
		for {
			if err := w.visit(ctx, name, pause, &said); errors.Is(err, asyncio.ErrCanceled) {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Second); err != nil {
				return err
			}
		}
	})
}

// silence is how long a guest waits for anything from the hall. The hall asks the guest
// before, if it has nothing else to say.
const silence = 90 * time.Second

func (w *town) visit(ctx context.Context, name string, pause func() time.Duration, said *int) error {
	conn, err := streams.DialContext(ctx, "tcp", "hall:7000")
	if err != nil {
		return err
	}
	defer conn.Close()
	v := &session{guest: name}
	w.sessions = append(w.sessions, v)
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		talk := tg.Go(func(ctx context.Context) error {
			for _, err := fmt.Fprintln(conn, name); err == nil; {
				if err = asyncio.Sleep(ctx, pause()); err == nil {
					*said++
					_, err = fmt.Fprintf(conn, "%d\n", *said)
				}
			}
			return nil // who listens hears of it, too
		})
		defer talk.Cancel()
		in := streams.NewReader(conn, 0)
		for {
			line, err := readLine(ctx, in, silence)
			if err != nil {
				return err
			}
			v.heard = append(v.heard, strings.TrimSpace(string(line)))
			if strings.HasPrefix(string(line), "* are you still there") {
				fmt.Fprintln(conn)
			}
		}
	})
}

// check is what a guest may expect of the lines of each other guest: on one connection,
// none comes twice, and none before an earlier one.
func (w *town) check() {
	w.t.Helper()
	for _, v := range w.sessions {
		last := map[string]int{}
		for _, line := range v.heard {
			var n int
			name, what, _ := strings.Cut(line, ": ")
			if _, err := fmt.Sscan(what, &n); err != nil {
				continue // what the hall says
			}
			if n <= last[name] || name == v.guest {
				w.t.Errorf("a guest, %s, heard %q", v.guest, v.heard)
			}
			last[name] = n
		}
	}
}

// now returns the latest session of a guest.
func (w *town) now(name string) *session {
	for _, v := range slices.Backward(w.sessions) {
		if v.guest == name {
			return v
		}
	}
	return &session{}
}

// await waits until something has happened, which must not take longer than the limit.
func (w *town) await(ctx context.Context, limit time.Duration, what string, happened func() bool) {
	w.t.Helper()
	loop := asyncio.RunningLoop(ctx)
	for end := loop.Now().Add(limit); !happened(); {
		if loop.Now().After(end) {
			w.t.Fatalf("not within %v: %s; the hall has %v", limit, what, w.hall.list())
		}
		if asyncio.Sleep(ctx, 100*time.Millisecond) != nil {
			return
		}
	}
}

func (w *town) allAreIn(names ...string) func() bool {
	return func() bool { return w.hall != nil && slices.Equal(w.hall.who(lobby), names) }
}

func often() time.Duration { return time.Second }
func never() time.Duration { return 1000 * time.Hour }

// whenGone is within what time the hall sees that a guest has gone: it waits, asks, and
// waits again.
var whenGone = testLimits.idle + testLimits.patience + time.Second

// A guest that is cut off is seen to have left, whatever the direction, and can come
// again when the cut is mended.
func TestGuestIsCutOff(t *testing.T) {
	for name, cut := range map[string]func(n *asynciotest.Network, guest, hall *asynciotest.Host) (heal func()){
		"both ways": func(n *asynciotest.Network, guest, hall *asynciotest.Host) func() {
			return n.Link(guest, hall).Partition()
		},
		"from the guest": func(n *asynciotest.Network, guest, hall *asynciotest.Host) func() {
			return n.Link(guest, hall).PartitionOneWay()
		},
		"to the guest": func(n *asynciotest.Network, guest, hall *asynciotest.Host) func() {
			return n.Link(hall, guest).PartitionOneWay()
		},
		"it crashes, and its reset is lost": func(n *asynciotest.Network, guest, hall *asynciotest.Host) func() {
			heal := n.Link(guest, hall).Partition()
			guest.Crash()
			return func() { heal(); guest.Restart() }
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Explore(t, func(ctx context.Context) {
				w := newTown(ctx, t)
				ann := w.guest("ann", never)
				w.guest("bob", often)
				w.await(ctx, 10*time.Second, "both come", w.allAreIn("ann", "bob"))
				_ = asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(100))*time.Second)
				heal := cut(w.net, ann, w.host)
				w.await(ctx, whenGone, "ann is seen to have left", w.allAreIn("bob"))
				w.await(ctx, time.Second, "bob hears of it", func() bool { return slices.Contains(w.now("bob").heard, "* ann has left lobby") })
				heal()
				w.await(ctx, silence+2*time.Minute, "ann is back", w.allAreIn("ann", "bob"))
				w.await(ctx, 5*time.Second, "ann hears bob", func() bool {
					heard := w.now("ann").heard
					return len(heard) > 0 && strings.HasPrefix(heard[len(heard)-1], "bob: ")
				})
				w.check()
			}, asynciotest.Runs(20))
		})
	}
}

// The hall crashes and starts again, and links fail. In the end, all are together again.
func TestHallCrashes(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		w := newTown(ctx, t)
		random := asynciotest.Rand(ctx)
		var guests []*asynciotest.Host
		for _, name := range []string{"ann", "bob", "cid"} {
			guests = append(guests, w.guest(name, func() time.Duration { return time.Duration(1+random.IntN(5000)) * time.Millisecond }))
		}
		var heals []func()
		for range 6 {
			_ = asyncio.Sleep(ctx, time.Duration(random.IntN(60))*time.Second)
			guest := guests[random.IntN(len(guests))]
			switch random.IntN(6) {
			case 0:
				w.host.Crash()
			case 1:
				w.host.Restart()
			case 2:
				heals = append(heals, w.net.Link(guest, w.host).Partition())
			case 3:
				heals = append(heals, w.net.Link(guest, w.host).PartitionOneWay())
			case 4:
				heals = append(heals, w.net.Link(w.host, guest).PartitionOneWay())
			case 5:
				w.net.All().Loss(0.2)
			}
		}
		for _, heal := range heals {
			heal()
		}
		w.net.All().Loss(0)
		w.host.Restart()
		w.await(ctx, silence+3*time.Minute, "all are back", w.allAreIn("ann", "bob", "cid"))
		w.check()
	}, asynciotest.Runs(30))
}
