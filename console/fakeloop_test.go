package console

import (
	"context"
	"errors"
	"io"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A fakeLoop is a source whose state a test sets.
type fakeLoop struct {
	mu      sync.Mutex
	time    int64
	batches []batch
	dropped uint64
	state   view
	counts  []wire.Beside
	silent  bool // it does not answer
	stands  *wire.Stuck
	taken   int           // how often it was asked where it stands
	dear    time.Duration // how long that takes
	gone    bool
	asked   int // snapshots
	checks  int
	step    engine.Step
	notify  chan struct{}
	kept    []func()
}

func newFakeLoop() *fakeLoop {
	return &fakeLoop{time: int64(1e9), notify: make(chan struct{}, 1)}
}

func (f *fakeLoop) now() int64             { f.mu.Lock(); defer f.mu.Unlock(); return f.time }
func (f *fakeLoop) ready() <-chan struct{} { return f.notify }
func (f *fakeLoop) resting() bool          { return false }
func (f *fakeLoop) closed() bool           { f.mu.Lock(); defer f.mu.Unlock(); return f.gone }
func (f *fakeLoop) detach()                {}
func (f *fakeLoop) beside() []wire.Beside  { f.mu.Lock(); defer f.mu.Unlock(); return f.counts }

func (f *fakeLoop) look() engine.Step { f.mu.Lock(); defer f.mu.Unlock(); return f.step }

func (f *fakeLoop) keep(bool)    {}
func (f *fakeLoop) lost() uint64 { f.mu.Lock(); defer f.mu.Unlock(); return f.dropped }

func (f *fakeLoop) take(_ time.Time, yield func(*batch)) (dropped uint64, more bool) {
	f.mu.Lock()
	batches := f.batches
	dropped = f.dropped
	f.batches = nil
	f.mu.Unlock()
	for i := range batches {
		yield(&batches[i])
	}
	return dropped, false
}

// answer calls a function as the loop would, or keeps it for when it answers again.
func (f *fakeLoop) answer(fn func()) error {
	f.mu.Lock()
	if f.gone {
		f.mu.Unlock()
		return errors.New("it has ended")
	}
	if f.silent {
		f.kept = append(f.kept, fn)
		f.mu.Unlock()
		return nil
	}
	f.mu.Unlock()
	fn()
	return nil
}

// goOn lets the loop answer again.
func (f *fakeLoop) goOn() {
	f.mu.Lock()
	f.silent = false
	f.step.Number++
	f.mu.Unlock()
	f.answerKept()
}

// answerKept lets it answer what it was asked until now.
func (f *fakeLoop) answerKept() {
	f.mu.Lock()
	kept := f.kept
	f.kept = nil
	f.mu.Unlock()
	for _, answer := range kept {
		answer()
	}
}

func (f *fakeLoop) snapshot(done func(read func() *view)) error {
	f.mu.Lock()
	f.asked++
	f.mu.Unlock()
	return f.answer(func() { done(f.view) })
}

func (f *fakeLoop) view() *view {
	f.mu.Lock()
	defer f.mu.Unlock()
	v := f.state
	v.At = f.time
	v.Tasks = slices.Clone(v.Tasks)
	return &v
}

func (f *fakeLoop) confirm(tasks []uint64, done func(read func() []wire.Task)) error {
	f.mu.Lock()
	f.checks++
	f.mu.Unlock()
	return f.answer(func() { done(func() []wire.Task { return f.view().Tasks }) })
}

func (f *fakeLoop) stack(task uint64, done func(stack []byte)) error {
	return f.answer(func() { done(nil) })
}

func (f *fakeLoop) cancel(task uint64, done func(found bool)) error {
	return f.answer(func() { done(task == 1) })
}

func (f *fakeLoop) stuck(engine.Step) *wire.Stuck {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.taken++
	time.Sleep(f.dear)
	return f.stands
}

// captures returns how often the stacks were taken.
func (f *fakeLoop) captures() int { f.mu.Lock(); defer f.mu.Unlock(); return f.taken }

func (f *fakeLoop) dump(ctx context.Context, out io.Writer) error {
	_, err := io.WriteString(out, "dump\n")
	return err
}

// A bench is a loop that is watched without a goroutine: the test says when time passes.
type bench struct {
	t *testing.T
	f *fakeLoop
	w *watched
}

func newBench(t *testing.T) *bench {
	f := newFakeLoop()
	return &bench{t, f, newWatched(1, "loop 1", f, 0, func() {})}
}

// happen lets records come, each with its text.
func (b *bench) happen(recs ...told) {
	var n batch
	for _, r := range recs {
		n.add(r.record, r.words, r.site)
	}
	b.f.mu.Lock()
	b.f.batches = append(b.f.batches, n)
	b.f.mu.Unlock()
	b.w.take()
}

type told struct {
	record
	words string
	site  []uintptr
}

// second lets a second pass, after which the loop is asked, judged, and its cycles are
// confirmed.
func (b *bench) second() {
	b.f.mu.Lock()
	b.f.time += sec
	b.f.mu.Unlock()
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.ask()
	if b.w.answered() {
		b.w.judge()
	}
	b.w.confirmed()
}

func (b *bench) seconds(n int) {
	for range n {
		b.second()
	}
}

const sec = int64(1e9)

// warning returns the warning of a kind, or nil.
func (b *bench) warning(kind string) *wire.Warning {
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	list := b.w.warnings.list()
	if i := slices.IndexFunc(list, func(w wire.Warning) bool { return w.ID == kind }); i >= 0 {
		return &list[i]
	}
	return nil
}

// expect reports that a warning must be there and last.
func (b *bench) expect(kind string) *wire.Warning {
	b.t.Helper()
	w := b.warning(kind)
	if w == nil {
		b.t.Fatalf("there is no warning %s", kind)
	}
	if w.Title == "" || w.Text == "" || w.Cure == "" || w.Count == 0 || w.At == 0 {
		b.t.Errorf("the warning says too little: %+v", *w)
	}
	return w
}

// expectNone reports that there must be none.
func (b *bench) expectNone(kind string) {
	b.t.Helper()
	if w := b.warning(kind); w != nil {
		b.t.Errorf("there is a warning %s: %s: %s", kind, w.Title, w.Text)
	}
}
