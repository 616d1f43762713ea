package console

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// frame lets clients have a frame.
func (b *bench) frame() {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.tellFrame()
}

// state lets clients have the state.
func (b *bench) state() {
	b.second()
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.tellState()
}

// next returns what comes next from a subscription, of one type.
func next[T any](t *testing.T, s *subscription) (item T) {
	t.Helper()
	select {
	case v := <-s.C:
		item, ok := v.(T)
		if !ok {
			t.Fatalf("a %T has come", v)
		}
		return item
	default:
		t.Fatal("nothing has come")
	}
	return item
}

// lines writes a frame as text.
func lines(f *wire.LiveFrame) string {
	var b strings.Builder
	text := func(i int64) string {
		if i == 0 {
			return "-"
		}
		return f.Text[i-1]
	}
	for _, r := range f.Rec {
		fmt.Fprintf(&b, "%d %d-%d task %d arg %d %s %q\n", r[0], r[2], r[1], r[3], r[4], text(r[5]), text(r[6]))
	}
	return b.String()
}

func TestFrameHasWhatHappened(t *testing.T) {
	b := newBench(t)
	b.happen(told{record: record{kind: engine.Opened, at: 5, task: 1, arg: 3}, words: "pool"})
	sub := b.w.subscribe(0)
	b.happen(
		told{record: record{kind: engine.Opened, at: 10, task: 1, arg: 4, n: 3}, words: "workers"},
		told{record: record{kind: engine.Spawned, at: 20, task: 2, arg: 1, n: 4}, words: "fetcher"},
		told{record: record{kind: engine.Named, at: 25, label: labelLock, arg: 9}, words: "db"},
		told{record: record{kind: engine.Waits, from: 20, at: 30, task: 2, label: labelLock, arg: 9}},
		told{record: record{kind: engine.Waits, from: 30, at: 31, task: 1, label: engine.LabelSleep, arg: 1_500_000_000}},
		told{record: record{kind: engine.Woken, at: 40, task: 2, label: engine.LabelTask, arg: 1}},
		told{record: record{kind: engine.Woken, at: 41, task: 1, label: engine.LabelTimer}},
		told{record: record{kind: engine.Waits, from: 41, at: 42, task: 1, label: engine.LabelTask, arg: 2}},
		told{record: record{kind: engine.Failed, at: 42, task: 2}, words: "no such file"},
		told{record: record{kind: engine.Ends, from: 42, at: 43, task: 2}},
		told{record: record{kind: engine.Ends, from: 43, at: 44, task: 5}}, // it has returned
		told{record: record{kind: engine.Began, at: 44, task: 1, label: engine.LabelThread}, words: "thread-1"},
		told{record: record{kind: engine.Finished, at: 45, label: engine.LabelThread}, words: "thread-1\nbroken"},
		told{record: record{kind: engine.Began, at: 45, task: 1, label: labelRemote}, words: "w1\nresize=1\n4711"},
		told{record: record{kind: engine.Finished, at: 46, task: 1, label: labelRemote}, words: "w1\nno memory"},
		told{record: record{kind: engine.Left, at: 46, arg: 4}},
		told{record: record{kind: engine.Pushed, at: 47, task: 1}},
		told{record: record{kind: engine.Slept, from: 47, at: 50}},
	)
	b.frame()
	f := next[*wire.LiveFrame](t, sub)
	want := `18 0-10 task 1 arg 4 - "workers"
1 0-20 task 2 arg 1 workers "fetcher"
20 0-25 task 0 arg 9 lock "db"
6 20-30 task 2 arg 9 lock "lock \"db\""
6 30-31 task 1 arg 1500000000 sleep "sleep 1.5s"
9 0-40 task 2 arg 1 task "-"
9 0-41 task 1 arg 0 timer "-"
6 41-42 task 1 arg 2 task "task \"fetcher\""
7 42-43 task 2 arg 0 - "-"
11 0-43 task 2 arg 0 - "no such file"
7 43-44 task 5 arg 0 - "-"
10 0-44 task 5 arg 0 - "-"
21 0-44 task 1 arg 1 thread "thread-1"
22 0-45 task 0 arg 1 thread "broken"
21 15-45 task 1 arg 2 remote "w1"
22 0-46 task 1 arg 2 remote "no memory"
19 0-46 task 0 arg 4 - "-"
17 47-50 task 0 arg 0 - "-"
`
	if got := lines(f); got != want {
		t.Errorf("the frame is\n%s, want\n%s", got, want)
	}
	if did := f.Text[f.Rec[14][2]-1]; did != "resize=1 4711" {
		t.Errorf("the remote worker does %q", did)
	}
	if f.N != 1 || f.Loop != 1 || f.Sampled != 0 || f.Lost != 0 || f.Dropped != 0 {
		t.Errorf("its head is %+v", *f)
	}
	b.frame()
	if f := next[*wire.LiveFrame](t, sub); f.N != 2 || len(f.Rec) != 0 || f.Rec == nil || f.Text == nil {
		t.Errorf("the next one is %+v", *f)
	}
}

var labelLock = engine.NewLabel("lock")

func TestFrameOfManyEventsHasBins(t *testing.T) {
	b := newBench(t)
	sub := b.w.subscribe(0)
	const n = 5000
	at := 100 * msec
	for range n {
		b.happen(step(engine.Yields, 1, at, at+5000), step(engine.Yields, 2, at+5000, at+10_000))
		at += 10_000
	}
	b.frame()
	f := next[*wire.LiveFrame](t, sub)
	if f.Sampled != 2*n || len(f.Rec) != 0 {
		t.Fatalf("%d records, sampled %d", len(f.Rec), f.Sampled)
	}
	var busy, ready, steps [3]int64
	for _, bin := range f.Bins {
		if bin[1]%binWidth != 0 || bin[2]+bin[3] > binWidth {
			t.Errorf("a bin is %v", bin)
		}
		busy[bin[0]] += bin[2]
		ready[bin[0]] += bin[3]
		steps[bin[0]] += bin[4]
	}
	if busy[1] != n*5000 || busy[2] != n*5000 || steps[1] != n || steps[2] != n {
		t.Errorf("busy %v, steps %v", busy, steps)
	}
	if ready[1] < 3*n*1000 { // the records before it was too many tell when a task became ready, but not in bins
		t.Errorf("ready %v", ready)
	}
	b.happen(step(engine.Yields, 1, at, at+5000))
	b.frame()
	if f := next[*wire.LiveFrame](t, sub); f.Sampled != 0 || len(f.Rec) != 1 {
		t.Errorf("the next frame is %+v", *f)
	}
}

func TestFramesCountWhatIsLost(t *testing.T) {
	b := newBench(t)
	b.f.dropped = 7 // before the client came
	b.happen()
	sub := b.w.subscribe(0)
	b.f.dropped = 10
	b.happen(step(engine.Yields, 1, 1, 2))
	b.frame()
	if f := next[*wire.LiveFrame](t, sub); f.Dropped != 10 || f.Lost != 3 {
		t.Errorf("dropped %d, lost %d", f.Dropped, f.Lost)
	}
	b.frame()
	if f := next[*wire.LiveFrame](t, sub); f.Dropped != 10 || f.Lost != 0 {
		t.Errorf("dropped %d, lost %d", f.Dropped, f.Lost)
	}
}

func TestSlowClientLosesFramesAndKnowsHowMuch(t *testing.T) {
	b := newBench(t)
	slow, quick := b.w.subscribe(0), b.w.subscribe(0)
	const frames, each = 200, 500
	read := 0
	for i := range frames {
		for j := range each {
			b.happen(step(engine.Yields, 1, int64(i*each+j), int64(i*each+j+1)))
		}
		b.frame()
		read += len(next[*wire.LiveFrame](t, quick).Rec)
	}
	if read != frames*each {
		t.Errorf("the quick client has got %d of %d", read, frames*each)
	}
	got, lost := 0, uint64(0)
	var last uint64
	for range frames {
		select {
		case v := <-slow.C:
			f := v.(*wire.LiveFrame)
			got, lost, last = got+len(f.Rec), lost+f.Lost, f.Dropped
		default:
		}
		b.frame()
	}
	if got == 0 || got >= frames*each {
		t.Errorf("the slow client has got %d of %d", got, frames*each)
	}
	if got+int(lost) != frames*each || last != lost {
		t.Errorf("%d read and %d lost make no %d; dropped %d", got, lost, frames*each, last)
	}
}

func TestQueueOfASlowClientIsBounded(t *testing.T) {
	c := newClient()
	for range 1000 {
		c.frame(&wire.LiveFrame{Rec: make([]wire.Record, 1000)})
		if c.bytes > queueBytes {
			t.Fatalf("%d bytes wait", c.bytes)
		}
	}
}

func ids(tasks []wire.Task) (ids []uint64) {
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

func TestStateTellsChanges(t *testing.T) {
	b := newBench(t)
	b.f.state.Tasks = []wire.Task{waitingFor(1, "sleep", sec), waitingFor(2, "lock", sec, 1), {ID: 3, State: wire.Ready}}
	sub := b.w.subscribe(0)
	b.state()
	if s := next[*wire.State](t, sub); !s.Full || !slices.Equal(ids(s.Tasks), []uint64{1, 2, 3}) {
		t.Fatalf("the first state is %+v", *s)
	}
	b.state()
	if s := next[*wire.State](t, sub); s.Full || len(s.Tasks) != 0 || s.Tasks == nil || len(s.Gone) != 0 {
		t.Errorf("nothing has changed, and the state is %+v", *s)
	}
	b.f.state.Tasks = []wire.Task{waitingFor(1, "sleep", sec+7), waitingFor(2, "lock", 2*sec, 3), {ID: 4, State: wire.Ready}}
	b.state()
	if s := next[*wire.State](t, sub); s.Full || !slices.Equal(ids(s.Tasks), []uint64{2, 4}) || !slices.Equal(s.Gone, []uint64{3}) {
		t.Errorf("the state is %+v", *s)
	}
	late := b.w.subscribe(0)
	b.state()
	if s := next[*wire.State](t, late); !s.Full || len(s.Tasks) != 3 {
		t.Errorf("one who comes late gets %+v", *s)
	}
	if s := next[*wire.State](t, sub); s.Full {
		t.Error("the other gets all as well")
	}
}

func TestStateIsFullAfterOneThatDidNotFit(t *testing.T) {
	b := newBench(t)
	for i := range uint64(3000) {
		b.f.state.Tasks = append(b.f.state.Tasks, waitingFor(i+1, "sleep", sec))
	}
	sub := b.w.subscribe(0)
	b.state()
	b.w.clients[0].bytes += queueBytes // so much more waits
	b.f.state.Tasks = b.f.state.Tasks[1:]
	b.state()
	b.w.clients[0].bytes -= queueBytes
	if s := next[*wire.State](t, sub); !s.Full || len(s.Tasks) != 3000 {
		t.Fatal("the first one did not come")
	}
	b.state()
	if s := next[*wire.State](t, sub); !s.Full || len(s.Tasks) != 2999 {
		t.Errorf("one was left out, and the next has %d tasks, full %v", len(s.Tasks), s.Full)
	}
}

func TestSubscriptionEnds(t *testing.T) {
	b := newBench(t)
	sub, closed := b.w.subscribe(0), b.w.subscribe(0)
	closed.Close()
	closed.Close()
	if _, more := <-closed.C; more {
		t.Error("something came after Close")
	}
	b.happen(step(engine.Yields, 1, 1, 2))
	b.w.end()
	if f := next[*wire.LiveFrame](t, sub); len(f.Rec) != 1 {
		t.Error("the last events are missing")
	}
	if _, more := <-sub.C; more {
		t.Error("something came after the end of the loop")
	}
	sub.Close()
	if _, more := <-b.w.subscribe(0).C; more {
		t.Error("something came from a loop that has ended")
	}
}

// However much a loop does, it is told what begins and ends beside it.
func TestFrameOfManyEventsHasRows(t *testing.T) {
	b := newBench(t)
	sub := b.w.subscribe(0)
	row := func(k engine.Kind, name string) told {
		return told{record: record{kind: k, at: msec, task: 1, label: engine.LabelThread}, words: name}
	}
	b.happen(row(engine.Began, "thread-1"))
	for i := range int64(3000) {
		b.happen(step(engine.Yields, 1, i, i+1))
	}
	b.happen(row(engine.Finished, "thread-1"), row(engine.Began, "thread-2"))
	b.frame()
	f := next[*wire.LiveFrame](t, sub)
	want := `21 0-1000000 task 1 arg 1 thread "thread-1"
22 0-1000000 task 1 arg 1 thread "-"
21 0-1000000 task 1 arg 2 thread "thread-2"
`
	if got := lines(f); got != want || f.Sampled != 3000 || len(f.Bins) == 0 {
		t.Errorf("of %d records that are left out, and %d bins, the frame has\n%s, want\n%s", f.Sampled, len(f.Bins), got, want)
	}
}

func TestNumbersOfRows(t *testing.T) {
	b := newBench(t)
	sub := b.w.subscribe(0)
	row := func(k engine.Kind, name string) told {
		return told{record: record{kind: k, at: msec, label: engine.LabelThread}, words: name}
	}
	b.happen(row(engine.Began, "first"))
	b.frame()
	first := next[*wire.LiveFrame](t, sub).Rec[0][4]
	for i := range 20_000 {
		name := "thread-" + strconv.Itoa(i)
		b.happen(row(engine.Began, name), row(engine.Finished, name))
		if i%100 == 0 {
			b.frame()
			<-sub.C
		}
	}
	if rows := b.w.threadRows(); len(rows) != 1 || rows[0].ID != uint64(first) {
		t.Errorf("the state has %+v", rows)
	}
	b.frame()
	<-sub.C
	b.happen(row(engine.Finished, "first"))
	b.frame()
	if last := next[*wire.LiveFrame](t, sub).Rec[0][4]; last != first {
		t.Errorf("a row begins as number %d, and ends as %d", first, last)
	}
}
