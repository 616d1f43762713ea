package console

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const msec = int64(1e6)

func spawn(id uint64, at int64, name string) told {
	return told{record: record{kind: engine.Spawned, at: at, task: id, arg: 1}, words: name}
}

func step(k engine.Kind, id uint64, from, to int64) told {
	return told{record: record{kind: k, task: id, from: from, at: to}}
}

func waitingFor(id uint64, kind string, since int64, by ...uint64) wire.Task {
	return wire.Task{
		ID: id, Name: nameOf(id, ""), State: wire.Waiting,
		Wait: &wire.Wait{Kind: kind, Text: kind, Since: since, By: by},
	}
}

func TestBlockedStep(t *testing.T) {
	b := newBench(t)
	b.happen(spawn(7, sec, "hog"), step(engine.Yields, 7, sec, sec+90*msec))
	b.expectNone(wire.BlockedStep)
	b.happen(step(engine.Yields, 7, 2*sec, 2*sec+150*msec), step(engine.Yields, 7, 3*sec, 3*sec+120*msec))
	w := b.expect(wire.BlockedStep)
	if w.Task != 7 || w.Count != 2 || w.At != 2*sec || w.For != 150*msec || w.Ended == 0 || !strings.Contains(w.Title, `"hog"`) {
		t.Errorf("it is %+v", *w)
	}
}

func TestBlockedStepOfMergedYields(t *testing.T) {
	b := newBench(t)
	many := step(engine.Yields, 7, sec, sec+50*msec)
	many.arg = 16
	b.happen(many)
	b.expectNone(wire.BlockedStep)
}

func TestBlockedCallback(t *testing.T) {
	b := newBench(t)
	b.happen(step(engine.Called, 0, sec, sec+10*msec))
	b.expectNone(wire.BlockedStep)
	b.happen(step(engine.Called, 0, sec, sec+500*msec))
	b.expect(wire.BlockedStep)
}

func TestNeverYields(t *testing.T) {
	b := newBench(t)
	b.f.step = engine.Step{Number: 1, Goroutine: 1}
	b.f.stands = &wire.Stuck{State: "sleep", Stack: []wire.Frame{{Func: "main.hang", File: "main.go", Line: 3}}, Advice: "use asyncio.Sleep"}
	start := time.Now()
	b.second()
	look := func(d time.Duration) {
		b.w.mu.Lock()
		b.w.watchStep(start)
		b.w.stale, b.w.stuck = true, b.f.stands
		b.w.lasted, b.w.looked = d, time.Now()
		b.w.judge()
		b.w.mu.Unlock()
	}
	look(900 * time.Millisecond)
	b.expectNone(wire.NeverYields)
	look(1500 * time.Millisecond)
	w := b.expect(wire.NeverYields)
	if w.Cure != "use asyncio.Sleep" || w.Frame == nil || w.Frame.Func != "main.hang" || w.For < int64(time.Second) {
		t.Errorf("it is %+v", *w)
	}
	b.f.step = engine.Step{Number: 2, Goroutine: 1}
	b.w.mu.Lock()
	b.w.watchStep(time.Now())
	b.w.mu.Unlock()
	b.seconds(5)
	if w := b.warning(wire.NeverYields); w.Ended == 0 {
		t.Error("the loop goes on, and the warning does so as well")
	}
}

func TestLongHeld(t *testing.T) {
	b := newBench(t)
	b.f.state.Tasks = []wire.Task{waitingFor(1, "sleep", sec), waitingFor(2, "lock", sec, 1)}
	b.f.state.Objects = []wire.Object{
		{ID: 1, Kind: "lock", Name: "db", Holder: 1, Since: sec, Waiters: 1},
		{ID: 2, Kind: "lock", Name: "alone", Holder: 1, Since: sec}, // no one waits for it
	}
	b.seconds(5)
	b.expectNone(wire.LongHeld)
	b.second()
	w := b.expect(wire.LongHeld)
	if w.Task != 1 || w.Obj != 1 || w.Title != `The lock "db" is held for long` || w.At != sec || w.Ended != 0 || w.Count != 1 {
		t.Errorf("it is %+v", *w)
	}
	b.f.state.Objects[0].Holder = 0
	b.seconds(1)
	if b.warning(wire.LongHeld).Ended != 0 {
		t.Error("it is over after a second, and may come again at once")
	}
	b.seconds(3)
	if w := b.warning(wire.LongHeld); w.Ended == 0 || w.For != 6*sec-sec+sec {
		t.Errorf("it has ended at %d, after %d", w.Ended, w.For)
	}
	b.f.state.Objects[0].Holder, b.f.state.Objects[0].Since = 1, b.f.time-9*sec
	b.second()
	if w := b.warning(wire.LongHeld); w.Ended != 0 || w.Count != 2 {
		t.Errorf("it has come again, and is %+v", *w)
	}
}

func TestWarningsAreForgotten(t *testing.T) {
	b := newBench(t)
	b.f.state.Objects = []wire.Object{{ID: 1, Kind: "lock", Holder: 1, Since: 1, Waiters: 1}}
	b.seconds(6)
	b.expect(wire.LongHeld)
	b.f.state.Objects = nil
	b.seconds(10)
	b.expect(wire.LongHeld)
	b.seconds(int(keepWarnings/time.Second) + 1)
	b.expectNone(wire.LongHeld)
}

func TestQueueGrows(t *testing.T) {
	for _, test := range []struct {
		name   string
		limit  int
		length func(second int) int
		warned bool
	}{
		{"without end", 0, func(s int) int { return 200 * s }, true},
		{"within a limit", 5000, func(s int) int { return 200 * s }, false},
		{"and shrinks now and then", 0, func(s int) int { return 2000 + 200*(s%7) }, false},
		{"and is short", 0, func(s int) int { return 20 * s }, false},
		{"and then stays", 0, func(s int) int { return 5000 * min(s, 3) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			for s := range 30 {
				b.f.state.Objects = []wire.Object{{ID: 1, Kind: "queue", Name: "jobs", Cap: test.limit, Len: test.length(s)}}
				b.second()
				if s < 9 {
					b.expectNone(wire.QueueGrows)
				}
			}
			if !test.warned {
				b.expectNone(wire.QueueGrows)
				return
			}
			if w := b.expect(wire.QueueGrows); w.Obj != 1 || w.Ended != 0 {
				t.Errorf("it is %+v", *w)
			}
		})
	}
}

func TestCancelIgnored(t *testing.T) {
	b := newBench(t)
	b.f.state.Tasks = []wire.Task{waitingFor(3, "sleep", sec), waitingFor(4, "sleep", sec)}
	b.f.state.Tasks[0].Canceled = sec
	b.seconds(5)
	b.expectNone(wire.CancelIgnored)
	b.second()
	if w := b.expect(wire.CancelIgnored); w.Task != 3 || len(w.Tasks) != 1 || w.At != sec {
		t.Errorf("it is %+v", *w)
	}
}

func TestErrorUnseen(t *testing.T) {
	b := newBench(t)
	b.f.state.unseen = []unseen{{task: 3, name: "loader", err: "no such file", at: sec}}
	b.seconds(5)
	b.expectNone(wire.ErrorUnseen)
	b.second()
	if w := b.expect(wire.ErrorUnseen); w.Task != 3 || !strings.Contains(w.Text, "no such file") {
		t.Errorf("it is %+v", *w)
	}
	b.f.state.unseen = nil // someone has
	b.seconds(5)
	if b.warning(wire.ErrorUnseen).Ended == 0 {
		t.Error("someone has looked at it, and the warning lasts")
	}
}

func TestErrorThatNoOneCanLookAt(t *testing.T) {
	b := newBench(t)
	b.f.state.unseen = []unseen{{task: 3, name: "loader", err: "no such file", at: sec, reported: true}}
	b.second()
	if w := b.expect(wire.ErrorUnseen); w.Task != 3 || w.Ended == 0 || w.Count != 1 {
		t.Errorf("it is %+v", *w)
	}
}

// yielding lets a task make so many steps in the second that comes.
func (b *bench) yielding(id uint64, steps int, length int64, also ...told) {
	at := b.f.time
	for range steps {
		b.happen(append(slices.Clone(also), step(engine.Yields, id, at, at+length))...)
		at += length
	}
}

func TestSpin(t *testing.T) {
	for _, test := range []struct {
		name   string
		steps  int
		length int64
		also   []told
		warned bool
	}{
		{"yields and nothing else", 1500, 1000, nil, true},
		{"yields seldom", 500, 1000, nil, false},
		{"computes between", 1500, 200_000, nil, false},
		{"wakes others", 1500, 1000, []told{{record: record{kind: engine.Woken, task: 2, label: engine.LabelTask, arg: 1}}}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.f.state.Tasks = []wire.Task{{ID: 1, State: wire.Ready}, {ID: 2, State: wire.Ready}}
			for s := range 5 {
				b.yielding(1, test.steps, test.length, test.also...)
				b.second()
				if s < 2 {
					b.expectNone(wire.Spin)
				}
			}
			if !test.warned {
				b.expectNone(wire.Spin)
			} else if w := b.expect(wire.Spin); w.Task != 1 {
				t.Errorf("it is %+v", *w)
			}
		})
	}
}

// woken lets tasks wait for their turn.
func (b *bench) woken(n int, lag int64) {
	for i := range n {
		id, at := uint64(10+i%5), b.f.time+int64(i)*1000
		b.happen(told{record: record{kind: engine.Woken, task: id, at: at}}, step(engine.Waits, id, at+lag, at+lag+100))
	}
}

func TestTimerLate(t *testing.T) {
	b := newBench(t)
	b.woken(200, 20*msec)
	b.second()
	b.expectNone(wire.TimerLate)
	b.happen(step(engine.Yields, 9, b.f.time, b.f.time+90*msec)) // who is to blame
	b.woken(10, 90*msec)
	b.second()
	if w := b.expect(wire.TimerLate); w.Task != 9 || w.Ended != 0 {
		t.Errorf("it is %+v", *w)
	}
	for range 15 {
		b.woken(200, msec)
		b.second()
	}
	if w := b.warning(wire.TimerLate); w.Ended == 0 {
		t.Error("all is in order again, and the warning lasts")
	}
}

func TestTimerLateNeedsSamples(t *testing.T) {
	b := newBench(t)
	b.woken(3, 90*msec)
	b.second()
	b.expectNone(wire.TimerLate)
}

func TestPoolFull(t *testing.T) {
	b := newBench(t)
	b.happen(
		told{record: record{kind: engine.Began, at: sec / 2, task: 4, label: labelRemote}, words: "w1\nresize=1\n4711"}, // is in no pool of this process
		told{record: record{kind: engine.Began, at: sec, task: 5, label: engine.LabelThread}, words: "worker-1"},
	)
	b.f.state.Pools = []wire.Pool{{Name: "disk", Size: 4, Workers: 4, Busy: 4, Queued: 3, Oldest: 2 * sec}}
	b.seconds(2)
	b.expectNone(wire.PoolFull)
	b.second()
	if w := b.expect(wire.PoolFull); w.Task != 5 || !strings.Contains(w.Text, "3 functions wait for a worker") {
		t.Errorf("it is %+v", *w)
	}
	b.f.state.Pools[0].Queued, b.f.state.Pools[0].Oldest = 0, 0
	b.seconds(5)
	if b.warning(wire.PoolFull).Ended == 0 {
		t.Error("no function waits any more, and the warning lasts")
	}
}

// A worker that has had no turn yet is none that a pool lacks.
func TestPoolWhoseWorkerIsLate(t *testing.T) {
	b := newBench(t)
	b.f.state.Pools = []wire.Pool{{Name: "disk", Size: 1, Workers: 1, Queued: 2, Oldest: sec}}
	b.seconds(5)
	b.expectNone(wire.PoolFull)
	b.f.state.Pools[0].Busy, b.f.state.Pools[0].Queued = 1, 1
	b.second()
	b.expect(wire.PoolFull)
}

func TestTaskFlood(t *testing.T) {
	for _, test := range []struct {
		name   string
		live   func(second int) int
		warned bool
	}{
		{"doubles every ten seconds", func(s int) int { return 200 << (s / 10) }, true},
		{"grows slowly", func(s int) int { return 2000 + 100*s }, false},
		{"starts with a few", func(s int) int { return min(1+100*s, 900) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			b.f.state.Tasks = []wire.Task{{ID: 1, State: wire.Running}, {ID: 2, Parent: 1, State: wire.Ready}}
			for s := range 60 {
				b.f.state.Stats.Live = test.live(s)
				b.second()
			}
			if !test.warned {
				b.expectNone(wire.TaskFlood)
			} else if w := b.expect(wire.TaskFlood); w.Task != 1 && w.Task != 0 {
				t.Errorf("it is %+v", *w)
			}
		})
	}
}

func TestStranded(t *testing.T) {
	b := newBench(t)
	b.f.state.Tasks = []wire.Task{waitingFor(1, "event", 3*sec), waitingFor(2, "queue get", sec)}
	b.f.state.stranded = true
	b.seconds(6)
	b.expectNone(wire.Deadlock)
	b.happen(told{record: record{kind: engine.Began, at: sec, label: engine.LabelThread}, words: "thread-1"})
	b.seconds(3)
	b.expectNone(wire.Deadlock)
	b.happen(told{record: record{kind: engine.Finished, at: sec, label: engine.LabelThread}, words: "thread-1"})
	b.f.state.Tasks[1].Wait.Kind = "channel receive"
	b.second()
	b.expectNone(wire.Deadlock)
	b.f.state.Tasks[1].Wait.Kind, b.f.state.Tasks[1].Wait.Name = "select", `queue get "a, \"b", channel receive`
	b.second()
	b.expectNone(wire.Deadlock)
	b.f.state.Tasks[1].Wait.Name = `queue get "a, \"b, channel receive", event, lock "c"`
	b.second()
	if w := b.expect(wire.Deadlock); w.At != 3*sec || len(w.Tasks) != 2 || w.Ended != 0 {
		t.Errorf("it is %+v", *w)
	}
	b.f.state.stranded = false
	b.second()
	if b.warning(wire.Deadlock).Ended == 0 {
		t.Error("something can wake the loop, and the warning lasts")
	}
}

func TestWarningsAreBounded(t *testing.T) {
	b := newBench(t)
	for i := range uint64(1000) {
		b.happen(step(engine.Yields, i+1, int64(i), int64(i)+sec))
	}
	if n := len(b.w.warnings.list()); n != mostWarnings {
		t.Errorf("there are %d warnings", n)
	}
	if w := b.warning(wire.BlockedStep); w.Task != 1000 {
		t.Errorf("the newest warning is of task %d", w.Task)
	}
}

func TestOneWarningForTasksOfOnePlace(t *testing.T) {
	b := newBench(t)
	for id := uint64(1); id <= 3; id++ {
		created := spawn(id, sec, "")
		created.site = []uintptr{hereIs}
		b.happen(created)
		b.happen(step(engine.Yields, id, int64(id)*sec, int64(id)*sec+150*msec))
	}
	w := b.expect(wire.BlockedStep)
	if !slices.Equal(w.Tasks, []uint64{3, 2, 1}) || w.Count != 3 || w.Frame == nil {
		t.Errorf("it is %+v", *w)
	}
}

func TestTimerLateSaysWhy(t *testing.T) {
	for _, test := range []struct {
		name   string
		busy   int64 // of each second, in short steps
		length int64 // of one step
		want   string
	}{
		{"a long step", 0, 90 * msec, "the longest step"},
		{"much to do", 900 * msec, msec, "the loop worked for 90%"},
		{"none of both", 0, msec, "the processor that was late"},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			at := b.f.time
			b.happen(step(engine.Yields, 9, at, at+test.length))
			b.woken(200, 90*msec)
			b.f.mu.Lock()
			b.f.state.rest = restedUntil{since: at, at: at + sec, slept: sec - test.busy}
			b.f.mu.Unlock()
			b.second()
			if w := b.expect(wire.TimerLate); !strings.Contains(w.Text, test.want) || w.At < at {
				t.Errorf("since %d: %s", w.At, w.Text)
			}
		})
	}
}

// Lengths of time in texts are rounded, wherever they come from.
func TestLengthsOfTimeAreRounded(t *testing.T) {
	for ns, want := range map[int64]string{
		0: "0s", 7: "7ns", 1234: "1.23µs", 12_345: "12.3µs", 123_456: "123µs", 999_960_000: "1s", 3_000_123_000: "3s",
		12_345_678_901: "12.3s", 59_960_000_000: "1m0s", 75_500_123_456: "1m16s", 7_503_200_000_001: "2h5m3s",
	} {
		if got := duration(ns); got != want {
			t.Errorf("%d ns is %s, want %s", ns, got, want)
		}
	}
	b := newBench(t)
	if got := b.w.wait(engine.LabelSleep, 3_000_123_000); got != "sleep 3s" {
		t.Errorf("a sleep is %q", got)
	}
	views := engine.Snapshot{Tasks: []*engine.TaskView{{ID: 1, State: engine.TaskWaiting, Wait: engine.Ref{Label: engine.LabelSleep, Number: 3_000_123_000}, Text: "sleep 3.000123s"}}}
	if w := (&loopSource{}).tasks(&views)[0].Wait; w.Text != "sleep 3s" || w.Name != "3s" {
		t.Errorf("the wait of a snapshot is %+v", w)
	}
}
