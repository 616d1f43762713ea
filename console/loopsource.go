package console

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// chunksQueued is how many chunks of records wait for the collector at most: some 20 MB,
// or a third of a second of a loop that does nothing but switch.
const chunksQueued = 1000

// recordsInChunk is how many records a chunk has at most.
const recordsInChunk = 256

// A loopSource is a loop of the engine as a source.
type loopSource struct {
	loop   *engine.Loop
	stream *engine.Stream
	offset int64 // from the loop's time to the console's
	over   func()
	ended  atomic.Bool

	missed missed
	kept   int // chunks that stay in the stream while no one looks

	mu      sync.Mutex
	batch   batch             // take uses it again
	before  batch             // what one has to know of what was dropped before pending
	pending []*engine.Chunk   // taken from the stream, and not passed on
	dropped uint64            // when they were taken
	newest  []engine.TaskView // those of the last snapshot that wait for others, for confirm
}

// newLoopSource makes a source of a loop, and attaches it. It attaches on the loop, by an
// event, unless here says that the loop does not run yet and this is its goroutine. over
// is called when the loop has ended.
func newLoopSource(l *engine.Loop, here bool, historyBytes int, over func()) (*loopSource, error) {
	s := &loopSource{
		loop: l, stream: engine.NewStream(chunksQueued), offset: offsetOf(l), over: over,
		kept: max(historyBytes/recordBytes/recordsInChunk, 1),
	}
	s.stream.Missed(s.missed.note)
	if here || l.OnLoop() {
		s.attach()
		return s, nil
	}
	if err := l.Post((*attaching)(s)); err != nil {
		return nil, fmt.Errorf("the loop cannot be watched, for it has ended (%w): start the console while it runs", err)
	}
	return s, nil
}

func (s *loopSource) attach() {
	s.loop.Attach(s.stream)
	s.loop.AtEnd(s)
}

// attaching is the event that a source is to be attached.
type attaching loopSource

func (e *attaching) Fire() { (*loopSource)(e).attach() }

// Drop is called if the loop ends before that.
func (e *attaching) Drop() { (*loopSource)(e).LoopClosed() }

// LoopClosed makes a source an engine.Ending. The stream gets what is still with the
// loop before it is known that this has ended.
func (s *loopSource) LoopClosed() {
	s.loop.Detach(s.stream)
	s.ended.Store(true)
	s.over()
}

func (s *loopSource) detach() {
	off := func() {
		s.loop.Detach(s.stream)
		s.loop.NotAtEnd(s)
	}
	if s.loop.OnLoop() {
		off()
		return
	}
	_ = s.loop.Post(call(off)) // a loop that has ended watches nothing
}

// A call is an event that is a function. It is no callback of the user's, so it is
// not told of.
type call func()

func (c call) Fire() { c() }

// offsetOf returns the console's time of the loop's origin. A clock that is not the
// machine's begins at 1, because 0 means no time.
func offsetOf(l *engine.Loop) int64 {
	if l.OwnClock {
		return 1
	}
	return int64(l.Time(0).Sub(epoch))
}

// at converts a time of the loop.
func (s *loopSource) at(d time.Duration) int64 { return int64(d) + s.offset }

// beside makes a loopSource a source.
func (s *loopSource) beside() (all []wire.Beside) {
	for _, c := range s.loop.RowCounts() {
		all = append(all, wire.Beside{Kind: c.String(), What: c.What, Begun: c.Begun, Ended: c.Ended, Failed: c.Failed, Canceled: c.Canceled})
	}
	return all
}

// known is at, but for times that are 0 if they are not known.
func (s *loopSource) known(d time.Duration) int64 {
	if d == 0 {
		return 0
	}
	return s.at(d)
}

func (s *loopSource) now() int64 { return s.at(s.loop.Now()) }

func (s *loopSource) ready() <-chan struct{} { return s.stream.Ready() }

func (s *loopSource) take(until time.Time, pass func(*batch)) (dropped uint64, more bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	left := len(s.pending) > 0 // from the last time; more may have come since
	if !left {
		s.fetch()
	}
	if len(s.before.recs) > 0 {
		pass(&s.before)
		s.before.clear()
	}
	for len(s.pending) > 0 {
		c := s.pending[0]
		s.pending[0], s.pending = nil, s.pending[1:]
		s.convert(c)
		pass(&s.batch)
		c.Release()
		if time.Now().After(until) {
			break
		}
	}
	return s.dropped, left || len(s.pending) > 0
}

// fetch takes what is in the stream.
func (s *loopSource) fetch() {
	s.pending = append(s.pending, s.stream.Take()...)
	s.dropped = s.stream.Dropped()
	s.missed.take(&s.before, s.at)
	s.before.missed = true
}

func (s *loopSource) lost() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

func (s *loopSource) keep(yes bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if yes {
		s.stream.Limit(s.kept)
		return
	}
	s.fetch() // before there is less room
	s.stream.Limit(chunksQueued)
}

// convert makes what is in a chunk the batch.
func (s *loopSource) convert(c *engine.Chunk) {
	s.batch.clear()
	for h := range c.All {
		r := record{at: s.at(h.At), task: h.Task, arg: h.Arg, n: h.N, kind: h.Kind, label: h.Label}
		if lasts(h.Kind) {
			r.from = s.at(h.From)
		} else if h.Kind == engine.Expired || h.Kind == engine.Sent {
			r.arg = uint64(max(s.at(time.Duration(h.Arg)), 0))
		}
		s.batch.add(r, h.Text, h.Site)
	}
}

func (s *loopSource) snapshot(done func(read func() *view)) error {
	return s.loop.Post(call(func() {
		s.loop.Snapshot(func(v *engine.Snapshot) {
			s.loop.Flush() // so that it is known of all tasks which v does not have how they have ended
			more := &besides{s.loop.Pools(), s.loop.UnseenErrors(unseenShown)}
			done(func() *view {
				v.Complete()
				defer v.Release()
				return s.view(v, more)
			})
		})
	}))
}

// besides is what a loop knows that is not in a snapshot of the engine.
type besides struct {
	pools  []engine.Pool
	unseen []engine.UnseenError
}

// unseenShown bounds how many errors are told of at a time that no one has looked at.
const unseenShown = 50

func (s *loopSource) confirm(tasks []uint64, done func(read func() []wire.Task)) error {
	views := s.viewsOf(tasks)
	return s.loop.Post(call(func() {
		v := s.loop.SnapshotNow(views)
		done(func() []wire.Task {
			v.Complete()
			defer v.Release()
			return s.tasks(v)
		})
	}))
}

// viewsOf returns what the last snapshot had of these tasks.
func (s *loopSource) viewsOf(tasks []uint64) []engine.TaskView {
	wanted := map[uint64]bool{}
	for _, id := range tasks {
		wanted[id] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	views := make([]engine.TaskView, 0, len(tasks))
	for i := range s.newest {
		if wanted[s.newest[i].ID] {
			views = append(views, s.newest[i])
		}
	}
	return views
}

// find returns the task of the loop that has this number and lives, or nil. It is
// called on the loop.
func (s *loopSource) find(id uint64) *engine.Task {
	for t := range s.loop.Tasks {
		if t.ID() == id && !t.Done() {
			return t
		}
	}
	return nil
}

func (s *loopSource) stack(task uint64, done func(stack []byte)) error {
	return s.loop.Post(call(func() {
		if t := s.find(task); t != nil {
			done(t.Stack())
			return
		}
		done(nil)
	}))
}

func (s *loopSource) cancel(task uint64, done func(found bool)) error {
	return s.loop.Post(call(func() {
		t := s.find(task)
		if t != nil {
			t.Cancel(nil)
		}
		done(t != nil)
	}))
}

func (s *loopSource) look() engine.Step { return s.loop.Look() }

func (s *loopSource) stuck(step engine.Step) *wire.Stuck {
	stack := coro.Find(coro.AllStacks(), step.Goroutine)
	if s.loop.Look() != step {
		return nil // the loop went on meanwhile, so the stack is of another step
	}
	g := stacks.Parse(stack)
	id, _, name, _ := step.Task()
	return &wire.Stuck{
		Task: id, Name: name, State: g.State, Stack: framesOfText(stack), Advice: g.Advice(),
	}
}

func (s *loopSource) resting() bool { return s.loop.Resting() }

func (s *loopSource) closed() bool { return s.ended.Load() }

func (s *loopSource) dump(ctx context.Context, out io.Writer) error {
	text, err := s.loop.Dump()
	if err != nil {
		return fmt.Errorf("%w: it has ended meanwhile (%w)", errNoLoop, err)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
