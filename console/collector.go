package console

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// epoch is the time from which the console counts. It is a little before the first
// loop can be made.
var epoch = time.Now()

// A collector gathers what the loops of a process do, for the server. It has one
// goroutine, which lives as long as there are loops to watch.
//
// The state of a loop comes from snapshots only, that is, from the loop itself; events
// show what happens between two snapshots. So a lost event cannot leave a wrong state
// behind.
type gatherer struct {
	historyBytes int

	ids *atomic.Int64 // of the loops

	mu      sync.Mutex
	loops   []*watched // oldest first
	loggers []**slog.Logger
	running bool          // the goroutine
	ended   chan struct{} // closed when the goroutine has; nil: there was none
	wake    chan struct{}
}

// newGatherer returns a collector that keeps the given number of bytes of the events of
// each loop; 0 means the default.
func newGatherer(historyBytes int) *gatherer {
	return &gatherer{historyBytes: newHistory(historyBytes).limit, ids: new(atomic.Int64), wake: make(chan struct{}, 1)}
}

// poke lets the goroutine look at once.
func (c *gatherer) poke() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// watch begins to watch a loop.
func (c *gatherer) watch(src source) *watched {
	c.mu.Lock()
	defer c.mu.Unlock()
	id := int(c.ids.Add(1))
	w := newWatched(id, fmt.Sprintf("loop %d", id), src, c.historyBytes, c.poke)
	c.loops = append(c.loops, w)
	if !c.running {
		c.running = true
		c.ended = make(chan struct{})
		go c.run(c.ended)
	}
	c.poke()
	return w
}

// unwatch ends the watching of a loop, and the channels of its clients.
func (c *gatherer) unwatch(w *watched) {
	w.src.detach()
	w.end()
	c.poke()
}

// Close ends the watching of all loops, and returns when the goroutine has ended.
func (c *gatherer) Close() {
	for _, w := range c.all() {
		c.unwatch(w)
	}
	c.mu.Lock()
	ended := c.ended
	c.mu.Unlock()
	if ended != nil {
		<-ended
	}
}

// all returns the loops that are watched.
func (c *gatherer) all() []*watched {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.loops)
}

// find returns the loop with a number, for a client; 0 means the first one.
func (c *gatherer) find(loop int) (*watched, error) {
	loops := c.all()
	if len(loops) == 0 {
		return nil, fmt.Errorf("%w: none of this process is watched at the moment; ask again when one runs", errNoLoop)
	}
	for _, w := range loops {
		if w.id == loop || loop == 0 {
			w.attend()
			return w, nil
		}
	}
	return nil, fmt.Errorf("%w: %d is none, or has ended; /v1/hello names those that run", errNoLoop, loop)
}

const (
	frameEvery = 100 * time.Millisecond
	stateEvery = time.Second
)

// run is the collector's goroutine.
func (c *gatherer) run(ended chan struct{}) {
	defer close(ended)
	next := time.Now()
	for {
		loops := c.drop()
		if loops == nil {
			return
		}
		now := time.Now()
		due := !now.Before(next)
		if soon := now.Add(interval(loops)); due || soon.Before(next) {
			next = soon
		}
		logged := c.logs()
		for _, w := range loops {
			w.pause(now, logged)
			w.take()
			w.tick(now, due)
		}
		c.logNotes(loops)
		c.rest(loops, time.Until(next))
	}
}

// interval returns how soon loops are looked at again if no events come from them. It is
// long while all of them rest, or no client looks.
func interval(loops []*watched) time.Duration {
	for _, w := range loops {
		if w.wantsFrames() || !w.isLazy() && !w.src.resting() {
			return frameEvery
		}
	}
	return stateEvery
}

// drop lets go of the loops that have ended. It returns those that are left; nil, if
// the goroutine is to end.
func (c *gatherer) drop() []*watched {
	for _, w := range c.all() {
		if w.src.closed() {
			w.take()
			w.end()
		}
	}
	c.logNotes(c.all())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loops = slices.DeleteFunc(c.loops, (*watched).isOver)
	if len(c.loops) == 0 {
		c.running = false
		return nil
	}
	return slices.Clone(c.loops)
}

// rest waits until there is something to do.
func (c *gatherer) rest(loops []*watched, most time.Duration) {
	timer := time.NewTimer(max(most, 0))
	defer timer.Stop()
	cases := make([]reflect.SelectCase, 0, 2+len(loops))
	on := func(ch any) {
		cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(ch)})
	}
	on(timer.C)
	on(c.wake)
	for _, w := range loops {
		if !w.isLazy() {
			on(w.src.ready())
		}
	}
	reflect.Select(cases)
}

// Hello describes the process and its loops.
func (c *gatherer) Hello() wire.Hello {
	h := wire.Hello{
		V: wire.Version, PID: os.Getpid(), Program: program(), Go: runtime.Version(),
		Loops: []wire.Loop{}, Epoch: epoch.UnixNano(),
		Limits: wire.Limits{
			History: int64(c.historyBytes), Seconds: int(keepEnded / time.Second),
			Ended: mostEnded, Records: frameRecords,
		},
	}
	for _, w := range c.all() {
		h.Loops = append(h.Loops, wire.Loop{ID: w.id, Name: w.name})
	}
	return h
}

func program() string {
	path, err := os.Executable()
	if err != nil {
		path = os.Args[0]
	}
	return filepath.Base(path)
}

// Snapshot returns the state of a loop. If the loop does not answer in time, Snapshot
// returns the last known state, and says in which step the loop is.
func (c *gatherer) Snapshot(ctx context.Context, loop, limit int) (*wire.Snapshot, error) {
	w, err := c.find(loop)
	if err != nil {
		return nil, err
	}
	if err := w.refresh(ctx); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot(limit), nil
}

// refresh asks the loop for its state, or notes that the loop does not answer.
func (w *watched) refresh(ctx context.Context) error {
	end := time.Now().Add(patience)
	if err := w.renew(ctx); err != nil {
		return err
	}
	w.catchUp(end)
	return nil
}

func (w *watched) renew(ctx context.Context) error {
	w.mu.Lock()
	before := w.request
	w.mu.Unlock()
	if before != nil {
		// The loop was asked already, and may have looked at some of its tasks before
		// this call. The answer must be about the present, so it is asked again.
		if answered, err := w.await(ctx, before); err != nil || !answered {
			return err
		}
	}
	w.take()
	w.mu.Lock()
	w.answered()
	if w.isQuiet() {
		w.goOn()
		w.mu.Unlock()
		return nil
	}
	q := w.ask()
	w.mu.Unlock()
	if q == nil {
		return nil // the loop has ended: what it said last is all there is
	}
	_, err := w.await(ctx, q)
	return err
}

// await waits for an answer, and takes it in. If it does not come in time, it notes that.
func (w *watched) await(ctx context.Context, q *request) (answered bool, err error) {
	timer := time.NewTimer(patience - time.Since(q.at))
	defer timer.Stop()
	select {
	case <-q.done:
		w.mu.Lock()
		defer w.mu.Unlock()
		w.answered()
		return true, nil
	case <-timer.C:
		w.lookWhereItStands()
		return false, nil
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Task returns what is known of a task.
func (c *gatherer) Task(ctx context.Context, loop int, id uint64) (*wire.TaskDetail, error) {
	w, err := c.find(loop)
	if err != nil {
		return nil, err
	}
	if err := w.refresh(ctx); err != nil {
		return nil, err
	}
	stack := w.stackOf(ctx, id)
	return w.detail(id, stack)
}

// Deadlocks returns the deadlocks that are proven.
func (c *gatherer) Deadlocks(ctx context.Context, loop int) (wire.Deadlocks, error) {
	w, err := c.find(loop)
	if err != nil {
		return wire.Deadlocks{}, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return wire.Deadlocks{Deadlocks: w.warnings.active(wire.Deadlock)}, nil
}

// Cancel asks a task to end.
func (c *gatherer) Cancel(ctx context.Context, loop int, task uint64) error {
	w, err := c.find(loop)
	if err != nil {
		return err
	}
	answer := make(chan bool, 1)
	if err := w.src.cancel(task, func(found bool) { answer <- found }); err != nil {
		return fmt.Errorf("%w: loop %d has ended meanwhile", errNoLoop, w.id)
	}
	select {
	case found := <-answer:
		if !found {
			return noTask(task)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("the loop does not answer, so it is not known whether task %d was asked to end; look at it again: %w", task, ctx.Err())
	}
}

func noTask(id uint64) error {
	return fmt.Errorf("%w: %d is none of this loop, or has ended; look for its number in the list of tasks", errNoTask, id)
}

// Subscribe lets a client see what happens on a loop.
func (c *gatherer) Subscribe(loop, past int) (*subscription, error) {
	w, err := c.find(loop)
	if err != nil {
		return nil, err
	}
	return w.subscribe(past), nil
}

// Dump writes what asyncio.DumpTasks does.
func (c *gatherer) Dump(ctx context.Context, loop int, out io.Writer) error {
	w, err := c.find(loop)
	if err != nil {
		return err
	}
	return w.src.dump(ctx, out)
}
