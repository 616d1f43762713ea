package asynciotest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// A story is what the hosts of a test say that they have seen, and when.
type story struct {
	strings.Builder
	began time.Time
}

func (s *story) say(ctx context.Context, host, format string, args ...any) {
	fmt.Fprintf(s, "%-12v %-7s %s\n", asyncio.RunningLoop(ctx).Now().Sub(s.began), host, fmt.Sprintf(format, args...))
}

// everything is a program with all that a network has: TCP, UDP and names, a host with
// two addresses, latency, losses, a bandwidth, partitions, resets, crashes and restarts.
func (s *story) everything(ctx context.Context) {
	s.began = asyncio.RunningLoop(ctx).Now()
	n := asynciotest.Net(ctx, asynciotest.LookupDelay(3*time.Millisecond))
	n.All().Latency(time.Millisecond, 20*time.Millisecond)
	n.All().Loss(0.1)
	var counter *asynciotest.Host
	counter = n.Host("counter", func(ctx context.Context) error { return s.count(ctx, counter) },
		asynciotest.Addr("10.1.0.1"), asynciotest.Addr("fd00::1"))
	clock := n.Host("clock", s.tellTime, asynciotest.Skew(time.Hour), asynciotest.Drift(200))
	var done []asyncio.Awaitable[int]
	for _, name := range []string{"a", "b", "c"} {
		result := asyncio.NewFuture[int](ctx)
		done = append(done, result)
		h := n.Host(name, func(ctx context.Context) error {
			s.ask(ctx, name)
			s.askTime(ctx, name)
			return result.SetResult(0)
		})
		if name == "c" {
			n.Link(h, counter).Bandwidth(20_000)
		}
	}
	s.breakThings(ctx, n, counter, clock)
	_, err := asyncio.Gather(ctx, done...)
	s.say(ctx, "test", "the disk of %v says %q; %v", counter.Addrs(), counter.Disk()["count"], err)
}

// count answers each line with how many there were; a crash loses none of those that were
// answered.
func (s *story) count(ctx context.Context, h *asynciotest.Host) error {
	s.say(ctx, "counter", "starts with %q", h.Disk()["count"])
	l, err := streams.Listen(ctx, "tcp", ":80")
	if err != nil {
		return err
	}
	return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
		s.say(ctx, "counter", "%v calls %v", c.RemoteAddr(), c.LocalAddr())
		lines := bufio.NewScanner(c)
		for lines.Scan() {
			h.Disk()["count"] = append(h.Disk()["count"], '|')
			s.say(ctx, "counter", "%v says %d bytes", c.RemoteAddr(), len(lines.Text()))
			if _, err := fmt.Fprintln(c, len(h.Disk()["count"])); err != nil {
				s.say(ctx, "counter", "%v", err)
			}
		}
		s.say(ctx, "counter", "the end of %v: %v", c.RemoteAddr(), lines.Err())
		return nil
	})
}

// tellTime answers each datagram with its time.
func (s *story) tellTime(ctx context.Context) error {
	c, err := streams.ListenPacket(ctx, "udp", ":123")
	if err != nil {
		return err
	}
	b := make([]byte, 100)
	for {
		n, from, err := c.ReadFrom(b)
		if err != nil {
			return err
		}
		s.say(ctx, "clock", "%v asks %q", from, b[:n])
		if _, err := c.WriteTo(fmt.Appendf(b[:n], ": %v", asyncio.Now(ctx).Sub(s.began)), from); err != nil {
			return err
		}
	}
}

// ask makes the counter count to ten, however often that takes.
func (s *story) ask(ctx context.Context, name string) {
	for counted := 0; counted < 10; {
		err := asyncio.WithTimeout(ctx, 30*time.Second, func(ctx context.Context) error {
			c, err := streams.Dial(ctx, "tcp", "counter:80")
			if err != nil {
				return err
			}
			defer c.Close()
			s.say(ctx, name, "%v to %v", c.LocalAddr(), c.RemoteAddr())
			for answers := bufio.NewReader(c); counted < 10; counted++ {
				if _, err := fmt.Fprintln(c, strings.Repeat("x", asynciotest.Rand(ctx).IntN(3000))); err != nil {
					return err
				}
				answer, err := answers.ReadString('\n')
				if err != nil {
					return err
				}
				s.say(ctx, name, "is told %q", answer)
			}
			return nil
		})
		s.say(ctx, name, "%d: %v", counted, err)
		if ctx.Err() != nil {
			return // its host has crashed
		}
		if err != nil {
			_ = asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(100))*time.Millisecond)
		}
	}
}

// askTime asks the clock, a few times at once.
func (s *story) askTime(ctx context.Context, name string) {
	c, err := streams.DialPacket(ctx, "udp", "clock:123")
	if err != nil {
		s.say(ctx, name, "%v", err)
		return
	}
	defer c.Close()
	for i := range 5 {
		_, err := fmt.Fprintf(c, "%s%d", name, i)
		s.say(ctx, name, "asks: %v", err)
	}
	_ = c.SetReadDeadline(asyncio.RunningLoop(ctx).Now().Add(time.Second))
	for b := make([]byte, 100); ; {
		n, err := c.Read(b)
		s.say(ctx, name, "hears %q, %v", b[:n], err)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			return
		}
	}
}

// breakThings is what happens to the hosts, at moments that the seed chooses.
func (s *story) breakThings(ctx context.Context, n *asynciotest.Network, counter, clock *asynciotest.Host) {
	pause := func(most int) {
		_ = asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(most))*time.Millisecond)
	}
	for range 3 {
		pause(400)
		s.say(ctx, "test", "the counter crashes")
		counter.Crash()
		pause(200)
		counter.Restart()
		pause(300)
		s.say(ctx, "test", "no one reaches the counter")
		heal := n.Link(n.Local(), counter).Partition()
		healAll := n.All().Partition()
		pause(500)
		heal()
		healAll()
		show := n.HideName("counter")
		pause(200)
		s.say(ctx, "test", "connections are reset")
		n.All().Reset()
		pause(100)
		show()
		heal = n.Link(clock, n.Local()).PartitionOneWay()
		clock.Stop(ctx)
		pause(100)
		clock.Restart()
		heal()
	}
}

// place is where in the source a step ended.
var place = regexp.MustCompile(` \(\w+\.go:\d+\)`)

// tell runs the program in an order of this seed. It returns what the hosts have said, and
// what the tasks did; and the line to replay it.
func tell(t *testing.T, opts ...asynciotest.Option) (said, steps, line string) {
	t.Helper()
	f := mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			var s story
			s.everything(ctx)
			said = s.String()
			f.Error("so that the steps are told")
		}, append(opts, asynciotest.Runs(1), asynciotest.Strategy(asynciotest.Random)))
	})
	if len(f.logs) != 4 { // the error, the drawing, what led to it, and how to replay it
		t.Errorf("it failed otherwise: %s", f.output())
	}
	all, err := os.ReadFile(filepath.Join(t.ArtifactDir(), "timeline.txt"))
	if err != nil {
		t.Fatal(err)
	}
	_, steps, _ = strings.Cut(string(all), "\n\n")
	return said, place.ReplaceAllString(steps, ""), scheduleOf(t, f)
}

// One seed gives one timeline, on every system, whatever Go's scheduler does; and a replay
// gives it once more.
func TestTimelineOfANetwork(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(2) {
		said, steps, line := tell(t, asynciotest.Seed(seed))
		fmt.Fprintf(&all, "seed %d\n\n%s\n%s\n", seed, said, steps)
		reset := asynciotest.Replay(line)
		saidAgain, stepsAgain, _ := tell(t)
		reset()
		if said != saidAgain || steps != stepsAgain {
			t.Errorf("the replay of seed %d says\n%s%s", seed, saidAgain, stepsAgain)
		}
	}
	golden := filepath.Join("testdata", "network.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(all.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	expectLines(t, all.String(), strings.ReplaceAll(string(want), "\r\n", "\n"))
}

// expectLines says which line is the first that differs.
func expectLines(t *testing.T, got, want string) {
	t.Helper()
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			t.Fatalf("line %d is\n%s\nwant\n%s", i+1, g[i], w[i])
		}
	}
	if len(g) != len(w) {
		t.Errorf("it has %d lines, want %d", len(g), len(w))
	}
}
