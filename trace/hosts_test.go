package trace_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/timeline"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/trace"
)

// What travels between simulated hosts is a part of a recording, with the hosts of tasks.
func TestHostsAndWhatTheySend(t *testing.T) {
	recorder := trace.New()
	asynciotest.Run(t, func(ctx context.Context) { twoHosts(t, ctx) }, asynciotest.LoopOptions(recorder.Observe()))
	recording := recorder.Recording()
	var text bytes.Buffer
	if err := recording.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	again, err := trace.ReadJSON(&text)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []*trace.Recording{recording, again} {
		want := []string{
			"0s  host server is up",
			"0s  server is on host server",
			"0s  host client is up",
			"0s  client is on host client",
			"0s  client sends connect from client to server, which arrives 5ms later",
			"5ms  sends accept from server to client, which arrives at once",
			"5ms  client sends data from client to server (4 bytes), which arrives 5ms later",
			"10ms  server sends data from server to client (3 bytes), which arrives at once",
			"10ms  sends end from server to client, which arrives at once",
			"10ms  host server is down",
			"10ms  sends end from client to server, which is lost",
			"10ms  host client is down",
			"210ms  sends end from client to server, which is lost",
			"610ms  sends end from client to server, which is lost",
		}
		if got := hostLines(r); !slices.Equal(got, want) {
			t.Errorf("the recording has:\n%s", strings.Join(got, "\n"))
		}
	}
}

func hostLines(r *trace.Recording) (lines []string) {
	for e := range r.Events() {
		if e.Host != "" {
			lines = append(lines, e.String())
		}
	}
	return lines
}

// twoHosts is a client that is answered once, and then cut off. The answer takes no time.
func twoHosts(t *testing.T, ctx context.Context) {
	net := asynciotest.Net(ctx)
	server := net.Host("server", serveOnce)
	client := net.Host("client", func(ctx context.Context) error {
		c, err := streams.Dial(ctx, "tcp", "server:80")
		if err != nil {
			return err
		}
		_, err = c.Write([]byte("ping"))
		if err == nil {
			_, err = c.Read(make([]byte, 4))
		}
		return err
	})
	there := net.Link(client, server)
	there.Latency(5*time.Millisecond, 5*time.Millisecond)
	if err := asyncio.Sleep(ctx, 7*time.Millisecond); err != nil {
		t.Error(err)
	}
	there.PartitionOneWay()
	if err := asyncio.Sleep(ctx, time.Second); err != nil {
		t.Error(err)
	}
}

func serveOnce(ctx context.Context) error {
	l, err := streams.Listen(ctx, "tcp", ":80")
	if err != nil {
		return err
	}
	c, err := l.Accept()
	if err != nil {
		return err
	}
	if _, err = c.Read(make([]byte, 4)); err == nil {
		_, err = c.Write([]byte("yes"))
	}
	return err
}

// faults is a client that asks a server again and again. At first the link is slow, then it
// is cut, and then the server crashes, and starts again.
func faults(ctx context.Context) {
	network := asynciotest.Net(ctx)
	server := network.Host("server", func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", ":80")
		if err != nil {
			return err
		}
		return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
			_, err := io.Copy(c, c)
			return err
		})
	})
	client := network.Host("client", func(ctx context.Context) error {
		for {
			if c, err := streams.Dial(ctx, "tcp", "server:80"); err == nil {
				_, _ = c.Write([]byte("ping"))
				_, _ = c.Read(make([]byte, 4))
				_ = c.Close()
			}
			if err := asyncio.Sleep(ctx, 200*time.Millisecond); err != nil {
				return err
			}
		}
	})
	network.Link(client, server).Latency(60*time.Millisecond, 60*time.Millisecond)
	_ = asyncio.Sleep(ctx, 700*time.Millisecond)
	network.All().Latency(time.Millisecond, time.Millisecond)
	network.Link(client, server).Latency(time.Millisecond, time.Millisecond)
	heal := network.Link(client, server).Partition()
	_ = asyncio.Sleep(ctx, 400*time.Millisecond)
	heal()
	_ = asyncio.Sleep(ctx, 1000*time.Millisecond)
	server.Crash()
	_ = asyncio.Sleep(ctx, 700*time.Millisecond)
	server.Restart()
	_ = asyncio.Sleep(ctx, 500*time.Millisecond)
}

// Hosts are bands of a drawing, and what they send are arrows.
func TestHostsAreBands(t *testing.T) {
	golden(t, "hosts.timeline", drawing(t, recorded(t, faults), 80))
}

// Hosts of several loops are told apart, as their tasks are.
func TestHostsOfSeveralLoops(t *testing.T) {
	r := trace.New()
	for range 2 {
		asynciotest.Run(t, func(ctx context.Context) { twoHosts(t, ctx) }, asynciotest.LoopOptions(r.Observe()))
	}
	var lines []string
	for line := range strings.Lines(drawing(t, r.Recording(), 60)) {
		if name, _, _ := strings.Cut(strings.TrimSpace(line), " "); strings.Contains(name, ":") {
			lines = append(lines, name)
		}
	}
	want := []string{
		"1:localhost", "1:main", "1:server", "1:server", "1:client", "1:client",
		"2:localhost", "2:Task-1", "2:server", "2:server", "2:client", "2:client",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the lines are %q, want %q", lines, want)
	}
}

// A chart of steps shows in which order they were, and when.
func TestChartOfSteps(t *testing.T) {
	chart := timeline.StepsOfRecording(recorded(t, faults))
	var b strings.Builder
	for _, c := range []timeline.Chart{chart, chart.Since(chart.Length - 18*timeline.PerStep)} {
		for _, line := range c.Render(timeline.Options{Width: 100, Glyphs: timeline.Unicode}) {
			b.WriteString(line + "\n")
		}
	}
	golden(t, "hosts.steps", b.String())
}

// What is on a host is known after the events were dropped that told it, and what is no
// longer there is forgotten, even if it has no name.
func TestDroppedEventsLeaveTheHosts(t *testing.T) {
	r := trace.New(trace.Size(30_000))
	asynciotest.Run(t, func(ctx context.Context) {
		net := asynciotest.Net(ctx)
		net.Host("gone", func(context.Context) error { return nil })
		net.Host("busy", func(ctx context.Context) error {
			for range 500 {
				brief := asyncio.Go(ctx, asyncio.Yield)
				early := asyncio.Go(ctx, asyncio.Yield)
				early.Cancel() // before it has begun
				if _, err := brief.Await(ctx); err != nil {
					return err
				}
			}
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("child"))
			for range 2000 {
				_ = asyncio.Sleep(ctx, time.Millisecond)
			}
			recording := r.Recording()
			if recording.Dropped() == 0 {
				t.Error("nothing was dropped")
			}
			want := []string{
				"host gone is down",
				"host busy is up",
				"busy is on host busy",
				"child is on host busy",
			}
			var got []string
			for _, line := range hostLines(recording) {
				_, deed, _ := strings.Cut(line, "  ")
				got = append(got, deed)
			}
			if !slices.Equal(got, want) {
				t.Errorf("the recording has of hosts:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			return nil
		})
		_ = asyncio.Sleep(ctx, time.Minute)
	}, asynciotest.LoopOptions(r.Observe()))
}
