package recorded_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/recorded"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// record runs a program on the virtual clock, takes its recording when take is called or at
// the end, and reads it as from a file.
func record(t *testing.T, fn func(ctx context.Context, take func())) *recorded.Recording {
	t.Helper()
	recorder := trace.New()
	var text bytes.Buffer
	take := func() {
		if err := recorder.Recording().WriteJSON(&text); err != nil {
			t.Error(err)
		}
	}
	asynciotest.Run(t, func(ctx context.Context) { fn(ctx, take) }, asynciotest.LoopOptions(recorder.Observe()))
	if text.Len() == 0 {
		take()
	}
	r, err := trace.ReadJSON(&text)
	if err != nil {
		t.Fatal(err)
	}
	return recorded.New(r, "run.json")
}

// jobs is a program whose tasks are in every state when it is recorded.
func jobs(ctx context.Context, take func()) {
	var db asyncio.Lock
	db.SetName("db")
	holder := asyncio.Go(ctx, func(ctx context.Context) error {
		return db.With(ctx, func() error { return asyncio.Sleep(ctx, time.Hour) })
	}, asyncio.Name("holder"))
	failing := asyncio.Go(ctx, func(ctx context.Context) error {
		if err := asyncio.Sleep(ctx, time.Second); err != nil {
			return err
		}
		return errors.New("no such file")
	}, asyncio.Name("failing"))
	group := asyncio.Go(ctx, func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"first", "second"} {
				tg.Go(func(ctx context.Context) error { return db.With(ctx, func() error { return nil }) }, asyncio.Name(name))
			}
			return nil
		}, asyncio.GroupName("workers"))
	}, asyncio.Name("owner"))
	watcher := asyncio.Go(ctx, func(ctx context.Context) error {
		_, err := holder.Await(ctx)
		return err
	}, asyncio.Name("watcher"))
	asyncio.Sleep(ctx, 5*time.Second)
	take()
	for _, task := range []*asyncio.Task[struct{}]{holder, group, watcher} {
		task.Cancel()
	}
	for _, task := range []*asyncio.Task[struct{}]{holder, group, watcher, failing} {
		_, _ = task.Await(ctx) // some fail, as they are to
	}
}

func TestStateAtTheEnd(t *testing.T) {
	r := record(t, jobs)
	loop, err := r.Find(0)
	if err != nil {
		t.Fatal(err)
	}
	s := r.State(loop)
	if len(s.Groups) != 1 || s.Groups[0].Name != "workers" || s.Groups[0].Children != 2 {
		t.Errorf("groups are %+v", s.Groups)
	}
	if len(s.Objects) != 1 || s.Objects[0].Name != "db" || s.Objects[0].Waiters != 2 {
		t.Errorf("objects are %+v", s.Objects)
	}
	lines := map[string]wire.Task{}
	ended := false
	for _, task := range s.Tasks {
		lines[task.Name] = task
		if done := task.State == wire.Done; ended && !done {
			t.Errorf("%s is among those that have ended", task.Name)
		} else {
			ended = done
		}
	}
	waits := func(name string) string {
		if lines[name].Wait == nil {
			return lines[name].State
		}
		return lines[name].Wait.Text
	}
	for name, want := range map[string]string{
		"holder": "sleep 1h0m0s", "first": `lock "db"`, "second": `lock "db"`, "watcher": `task "holder"`, "failing": "done",
	} {
		if got := waits(name); got != want {
			t.Errorf("%s waits for %s, want %s", name, got, want)
		}
	}
	if w := lines["watcher"].Wait; len(w.By) != 1 || w.By[0] != lines["holder"].ID || w.Kind != "task" || w.Name != "holder" {
		t.Errorf("the watcher's wait is %+v", w)
	}
	if w := lines["holder"].Wait; w.Until-w.Since != int64(time.Hour) || w.Kind != "sleep" {
		t.Errorf("the sleep is %+v", w)
	}
	if w := lines["first"].Wait; w.Obj != s.Objects[0].ID || lines["first"].Group != s.Groups[0].ID {
		t.Errorf("the wait for the lock is %+v, of %+v", w, lines["first"])
	}
	if f := lines["failing"]; f.Outcome != wire.Failed || f.Error != "no such file" || f.Ended-f.Begun != int64(time.Second) || f.Waiting != int64(time.Second) || f.Steps != 2 {
		t.Errorf("the failing task is %+v", f)
	}
	if f := lines["failing"]; len(f.Created) == 0 || f.Created[0].Func != "recorded_test.jobs" || !strings.HasPrefix(f.Place, "recorded_test.go:") {
		t.Errorf("it was created at %+v", f.Created)
	}
	if s.At-lines["failing"].Begun != int64(r.Length()) || r.Hello().Length != int64(r.Length()) {
		t.Errorf("the state is of %d, the recording is %v long", s.At, r.Length())
	}
}

func TestDetail(t *testing.T) {
	r := record(t, jobs)
	loop, _ := r.Find(0)
	var id uint64
	for _, task := range r.State(loop).Tasks {
		if task.Name == "failing" {
			id = task.ID
		}
	}
	d, err := r.Task(loop, id)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range d.Events {
		got = append(got, e.Text)
	}
	want := []string{"is created by task 1", "waits for sleep 1s after a step of 0s", "is woken by timer", "has made its last step, of 0s", "fails: no such file"}
	if !slices.Equal(got, want) {
		t.Errorf("its events are %q, want %q", got, want)
	}
	if d.Steps32[0] != 2 || len(d.Steps32) != 32 {
		t.Errorf("its steps are %v", d.Steps32)
	}
	if _, err := r.Task(loop, 4711); err == nil || !strings.Contains(err.Error(), "no task 4711") {
		t.Errorf("a task that is none: %v", err)
	}
}

// Every event is in the frames, in order, and the frames join.
func TestFrames(t *testing.T) {
	r := record(t, func(ctx context.Context, _ func()) {
		for i := range 3000 {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Millisecond) }, asyncio.Name(fmt.Sprint("task ", i)))
			_, _ = task.Await(ctx) // what is looked at is the recording
		}
	})
	var want, got [][3]int64
	for e := range r.Events() {
		want = append(want, [3]int64{int64(e.Kind), int64(e.At) + 1, int64(e.Task)})
	}
	names := map[string]bool{}
	to, number := int64(1), uint64(0)
	for f := range r.Frames(1) {
		if f.From != to || f.N != number+1 || len(f.Rec) > 2000 {
			t.Errorf("frame %d is from %d and has %d records; the one before is %d, to %d", f.N, f.From, len(f.Rec), number, to)
		}
		to, number = f.To, f.N
		for _, rec := range f.Rec {
			got = append(got, [3]int64{rec[0], rec[1], rec[3]})
			if rec[0] == int64(trace.Spawned) {
				names[f.Text[rec[6]-1]] = true
			}
		}
	}
	if !slices.Equal(got, want) || number < 5 {
		t.Errorf("%d frames have %d records, the recording has %d events", number, len(got), len(want))
	}
	if to != int64(r.Length())+1 || !names["task 2999"] {
		t.Errorf("they end at %d of %v; task 2999 is there: %v", to, r.Length(), names["task 2999"])
	}
}

func TestRowsBesideTheLoop(t *testing.T) {
	r := record(t, func(ctx context.Context, _ func()) {
		for range 2 {
			_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) { return 1, nil }) // what is looked at is the recording
		}
	})
	var began, finished []int64
	for f := range r.Frames(1) {
		for _, rec := range f.Rec {
			switch trace.Kind(rec[0]) {
			case trace.Began:
				began = append(began, rec[4])
				if label, name := f.Text[rec[5]-1], f.Text[rec[6]-1]; label != "thread" || !strings.HasPrefix(name, "thread-") {
					t.Errorf("the row is %q of the kind %q", name, label)
				}
			case trace.Finished:
				finished = append(finished, rec[4])
			}
		}
	}
	if want := []int64{1, 2}; !slices.Equal(began, want) || !slices.Equal(finished, want) {
		t.Errorf("rows %v began, and %v have finished", began, finished)
	}
	if s := r.State(1); len(s.Threads) != 0 {
		t.Errorf("threads are busy at the end: %+v", s.Threads)
	}
}

func TestRemoteWorkers(t *testing.T) {
	r := record(t, func(ctx context.Context, take func()) {
		l := engine.LoopOf(ctx)
		row := engine.Row{Label: engine.NewLabel("remote"), Name: "w1", What: "resize=1", ID: "4711", Task: asyncio.CurrentTask(ctx).ID}
		l.TellRow(engine.Began, row, nil)
		_ = asyncio.Sleep(ctx, time.Second)
		take()
		l.TellRow(engine.Finished, row, nil)
	})
	var told []string
	var number int64
	for f := range r.Frames(1) {
		for _, rec := range f.Rec {
			if trace.Kind(rec[0]) == trace.Began {
				told = append(told, f.Text[rec[5]-1], f.Text[rec[6]-1], f.Text[rec[2]-1])
				number = rec[4]
			}
		}
	}
	if want := []string{"remote", "w1", "resize=1 4711"}; !slices.Equal(told, want) {
		t.Errorf("the frames tell %q, want %q", told, want)
	}
	if s := r.State(1).Threads; len(s) != 1 || s[0].Kind != "remote" || s[0].Name != "w1" || s[0].What != "resize=1 4711" || int64(s[0].ID) != number {
		t.Errorf("the state has %+v; the records call it %d", s, number)
	}
}

func TestLoopsThatAreNone(t *testing.T) {
	r := record(t, func(context.Context, func()) {})
	if _, err := r.Find(7); err == nil || !strings.Contains(err.Error(), "no loop 7") {
		t.Errorf("loop 7: %v", err)
	}
	empty, err := trace.ReadJSON(strings.NewReader(`{"asyncio":1,"start":0,"length":0,"loops":[],"labels":[],"places":[],"blocks":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	none := recorded.New(empty, "x.json")
	if _, err := none.Find(0); err == nil || len(none.Hello().Loops) != 0 {
		t.Errorf("a recording without a loop: %v, %+v", err, none.Hello())
	}
}
