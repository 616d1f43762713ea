package formattest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/asyncio-go/asyncio/trace"
)

func recorded(t *testing.T, fn func(ctx context.Context), opts ...trace.Option) *trace.Recording {
	t.Helper()
	r := trace.New(opts...)
	asynciotest.Run(t, fn, asynciotest.LoopOptions(r.Observe()))
	return r.Recording()
}

// story has two tasks that share a lock in a group, one that is woken by another, and one
// that fails.
func story(ctx context.Context) {
	var lock asyncio.Lock
	lock.SetName("db")
	_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for _, name := range []string{"A", "B"} {
			tg.Go(func(ctx context.Context) error {
				return lock.With(ctx, func() error { return asyncio.Sleep(ctx, time.Second) })
			}, asyncio.Name(name))
		}
		return nil
	})
	failing := asyncio.Go(ctx, func(ctx context.Context) error {
		_ = asyncio.Sleep(ctx, time.Second)
		return errors.New("broken")
	}, asyncio.Name("fails"))
	_, _ = failing.Await(ctx)
}

// states are the slices below the life of a task, without instants.
func states(tr *track) (all []string) {
	for _, s := range tr.slices {
		if s.depth == 1 && !s.instant {
			all = append(all, fmt.Sprintf("%s %s %d-%d", s.category, s.name, s.from/1e6, s.to/1e6))
		}
	}
	return all
}

func TestTracksOfTasks(t *testing.T) {
	d := decode(t, recorded(t, story))
	process, loop, below := d.tracks[0], d.track("loop 1"), d.track("tasks of loop 1")
	if !process.process || process.name != filepath.Base(os.Args[0]) || !loop.thread || loop.parent != process.uuid {
		t.Errorf("the loop is not a thread of the process %q", process.name)
	}
	group := d.track("group 1 of Task-1")
	if group.parent != below.uuid || d.track("A").parent != group.uuid || d.track("fails").parent != below.uuid {
		t.Error("the tracks of tasks are not below those of their groups")
	}
	want := []string{"ready ready 0-0", "running running 0-0", `waiting lock "db" 0-1000`, "ready ready 1000-1000", "running running 1000-1000", "waiting sleep 1s 1000-2000", "ready ready 2000-2000", "running running 2000-2000"}
	if got := states(d.track("B")); !slices.Equal(got, want) {
		t.Errorf("B was in the states\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	life := d.track("fails").slices[0]
	if life.depth != 0 || life.from != 2e9 || life.to != 3e9 || life.annotations["outcome"] != "failed" || life.annotations["error"] != "broken" {
		t.Errorf("the life of the task that fails is %d-%d %v", life.from, life.to, life.annotations)
	}
	if at, _ := life.annotations["created at"].(string); !strings.Contains(at, ".go:") {
		t.Errorf("it was created at %q", at)
	}
}

func TestFlowsLeadFromWhoWakes(t *testing.T) {
	d := decode(t, recorded(t, story))
	var from *slice
	for _, s := range d.track("A").slices {
		if s.name == "wakes B" {
			from = s
		}
	}
	if from == nil || len(from.flows) != 1 {
		t.Fatal("A does not wake B")
	}
	for _, s := range d.track("B").slices {
		if slices.Equal(s.ends, from.flows) {
			if s.category != "ready" || s.from != from.from {
				t.Errorf("the flow leads to the slice %q at %d, want the one in which B is ready at %d", s.name, s.from, from.from)
			}
			return
		}
	}
	t.Error("the flow from A leads nowhere")
}

func TestLoopsTrackHasOneSliceForEachStep(t *testing.T) {
	r := recorded(t, story)
	d := decode(t, r)
	steps := 0
	for e := range r.Events() {
		switch e.Kind {
		case trace.Yields, trace.Waits, trace.Ends, trace.Pauses, trace.Called:
			steps++
		}
	}
	loop := d.track("loop 1")
	if len(loop.slices) != steps {
		t.Errorf("the track of the loop has %d slices, for %d steps", len(loop.slices), steps)
	}
	for _, s := range loop.slices {
		if s.depth != 0 {
			t.Errorf("the loop does two things at a time: %q", s.name)
		}
	}
}

func TestReadyTasksAreCounted(t *testing.T) {
	d := decode(t, recorded(t, func(ctx context.Context) {
		var e asyncio.Event
		for range 5 {
			asyncio.Go(ctx, func(ctx context.Context) error { return e.Wait(ctx) })
		}
		_ = asyncio.Sleep(ctx, time.Second)
		e.Set()
		_ = asyncio.Sleep(ctx, time.Second)
	}))
	last := int64(-1)
	for _, v := range d.track("ready tasks of loop 1").values {
		if v.count < 0 || v.count > 6 {
			t.Errorf("at %d, %d tasks are ready", v.at, v.count)
		}
		last = v.count
	}
	if last != 0 {
		t.Errorf("at the end, %d tasks are ready", last)
	}
}

// On the real clock, times are those of the events.
func TestRealClockAndThreads(t *testing.T) {
	r := trace.New()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return 0, nil })
		asyncio.RunningLoop(ctx).CallSoon(func() {})
		for range 100 {
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		return err
	}, r.Observe())
	if err != nil {
		t.Fatal(err)
	}
	d := decode(t, r.Recording())
	thread := d.track("thread-1")
	if len(thread.slices) != 1 || thread.slices[0].to < thread.slices[0].from || thread.slices[0].name != "thread for Task-1" {
		t.Errorf("the thread has the slices %v", thread.slices)
	}
	length := uint64(r.Recording().Length())
	for _, s := range d.track("Task-1").slices {
		if s.to > length {
			t.Errorf("a slice ends at %d, and the recording at %d", s.to, length)
		}
	}
}

func TestTracksOfRemoteWorkers(t *testing.T) {
	r := recorded(t, func(ctx context.Context) {
		l := engine.LoopOf(ctx)
		row := engine.Row{Label: engine.NewLabel("remote"), Name: "w1", What: "resize=1", ID: "4711", Task: asyncio.CurrentTask(ctx).ID}
		for _, err := range []error{nil, errors.New("no memory")} {
			l.TellRow(engine.Began, row, nil)
			_ = asyncio.Sleep(ctx, time.Second)
			l.TellRow(engine.Finished, row, err)
		}
	})
	w := decode(t, r).track("w1")
	if len(w.slices) != 2 || w.slices[0].name != "resize=1 for Task-1" || w.slices[0].to-w.slices[0].from != uint64(time.Second) {
		t.Fatalf("the worker has the slices %+v", w.slices)
	}
	if s := w.slices[1]; s.annotations["id"] != "4711" || s.annotations["error"] != "no memory" {
		t.Errorf("the second one says %v", s.annotations)
	}
}

func TestDroppedEventsAreShown(t *testing.T) {
	r := recorded(t, func(ctx context.Context) {
		for range 10_000 {
			_ = asyncio.Sleep(ctx, time.Millisecond)
		}
	}, trace.Size(50_000))
	d := decode(t, r)
	if !d.dropped || len(d.tracks[0].slices) != 1 || !strings.Contains(d.tracks[0].slices[0].name, "lost") {
		t.Error("the trace does not show that events are lost")
	}
}

// twoHosts is a client that asks a server, which is cut off when it has got something, and then crashes.
func twoHosts(ctx context.Context) {
	n := asynciotest.Net(ctx)
	n.All().Latency(time.Second, time.Second)
	server := n.Host("server", func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", ":80")
		if err != nil {
			return err
		}
		return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
			_, err := c.Read(make([]byte, 4))
			n.All().Partition()
			return err
		})
	})
	n.Host("client", func(ctx context.Context) error {
		c, err := streams.Dial(ctx, "tcp", "server:80")
		if err != nil {
			return err
		}
		_, err = c.Write([]byte("ping"))
		_ = asyncio.Sleep(ctx, 2*time.Second)
		return errors.Join(err, c.Close())
	})
	_ = asyncio.Sleep(ctx, 4500*time.Millisecond)
	server.Crash()
}

// Hosts have tracks, with what they send and get, above those of their tasks.
func TestTracksOfHosts(t *testing.T) {
	d := decode(t, recorded(t, twoHosts))
	server, client := d.track("host server"), d.track("host client")
	if below := d.track("tasks of loop 1"); server.parent != below.uuid || d.track("client").parent != client.uuid {
		t.Error("the tracks of hosts are not between those of the loop and those of their tasks")
	}
	for _, want := range []struct {
		*track
		slices []string
	}{
		{server, []string{
			"server is up 0-4500", "connect from client 1000", "accept to client 1000", "data (4 bytes) from client 3000", "end to client is lost 3000",
		}},
		{client, []string{
			"client is up 0-4000", "connect to server 0", "accept from server 2000", "data (4 bytes) to server 2000", "end to server is lost 4000",
		}},
	} {
		var got []string
		for _, s := range want.track.slices {
			line := fmt.Sprintf("%s %d", s.name, s.from/1e6)
			if !s.instant {
				line += fmt.Sprintf("-%d", s.to/1e6)
			}
			got = append(got, line)
		}
		if !slices.Equal(got, want.slices) {
			t.Errorf("%s has\n%s\nwant\n%s", want.name, strings.Join(got, "\n"), strings.Join(want.slices, "\n"))
		}
	}
	for i, from := range []*track{client, server, client} { // connect, accept, data
		to := server
		if from == server {
			to = client
		}
		sent, got := from.slices[i+1], to.slices[i+1]
		if len(sent.flows) != 1 || !slices.Equal(sent.flows, got.ends) {
			t.Errorf("there is no flow from %q to %q", sent.name, got.name)
		}
	}
}

// A recording that was taken while tasks live has no slice without an end.
func TestWhatHasNotEndedEndsWithTheRecording(t *testing.T) {
	r := trace.New()
	asynciotest.Run(t, func(ctx context.Context) {
		task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }, asyncio.Name("sleeper"))
		_ = asyncio.Sleep(ctx, time.Second)
		d := decode(t, r.Recording())
		if s := d.track("sleeper").slices[0]; s.to != 1e9 {
			t.Errorf("the life of the sleeper ends at %d, want a second", s.to)
		}
		task.Cancel()
		_, _ = task.Await(ctx)
	}, asynciotest.LoopOptions(r.Observe()))
}

func TestRoundTripThroughJSON(t *testing.T) {
	r := recorded(t, story)
	var text strings.Builder
	if err := r.WriteJSON(&text); err != nil {
		t.Fatal(err)
	}
	again, err := trace.ReadJSON(strings.NewReader(text.String()))
	if err != nil {
		t.Fatal(err)
	}
	var a, b strings.Builder
	if err := errors.Join(r.WritePerfetto(&a), again.WritePerfetto(&b)); err != nil || a.String() != b.String() {
		t.Errorf("the trace of a recording that was read is different (%v)", err)
	}
}
