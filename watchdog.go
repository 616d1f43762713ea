package asyncio

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// The watchdog looks at the loops of the process from outside, because a loop that is
// stuck cannot look at itself. It runs when a timer fires, so it needs no goroutine of
// its own. While all loops sleep it does nothing: the first loop that wakes calls it.
var theWatchdog watchdog

type watchdog struct {
	awake atomic.Bool // the timer is set

	mu      sync.Mutex
	watches []*watch
	timer   *time.Timer
	tick    time.Duration // for which the timer is set
}

// add makes the watchdog look at a loop from now on.
func (d *watchdog) add(w *watch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.watches = append(d.watches, w)
	if !d.awake.Load() || w.tick < d.tick {
		d.set(w.tick)
	}
}

func (d *watchdog) remove(w *watch) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(d.watches, w); i >= 0 {
		d.watches = slices.Delete(d.watches, i, i+1)
	}
}

// call wakes the watchdog: a loop has slept, and goes on. Any goroutine may call it.
func (d *watchdog) call() {
	if d.awake.Load() {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.awake.Load() {
		d.next()
	}
}

// next sets the timer, if there is anything to look at.
func (d *watchdog) next() {
	if len(d.watches) > 0 {
		d.set(slices.MinFunc(d.watches, func(a, b *watch) int { return int(a.tick - b.tick) }).tick)
	}
}

func (d *watchdog) set(tick time.Duration) {
	d.awake.Store(true)
	d.tick = tick
	if d.timer == nil {
		d.timer = time.AfterFunc(tick, d.look)
	} else {
		d.timer.Reset(tick)
	}
}

// look is called by the timer.
func (d *watchdog) look() {
	d.mu.Lock()
	watches := slices.Clone(d.watches)
	d.mu.Unlock()
	now := time.Now()
	for _, w := range watches {
		w.look(now)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	// A loop that wakes counts that first, and then asks whether the watchdog is awake.
	// So the watchdog sees that it has woken, or is called by it.
	d.awake.Store(false)
	if slices.ContainsFunc(d.watches, (*watch).wanted) {
		d.next()
	}
}

// A watch is what the watchdog knows of a loop that it looks at.
type watch struct {
	loop   *Loop
	slow   time.Duration // from when on a step is reported; 0: never
	limit  time.Duration // from when on a goroutine that waits for the loop is reported
	tick   time.Duration // how long it is until the next look, at most
	detect bool          // deadlocks are reported as well

	checked atomic.Uint64 // the number of the step after which the loop was last looked through for a deadlock
	noted   atomic.Uint64 // the number of the step that was over when the time was last noted

	mu      sync.Mutex
	over    bool
	at      time.Time     // of the last look
	step    engine.Step   // the one that was seen then
	lasted  time.Duration // how long that has been seen
	told    bool          // it has been reported that the step is slow ...
	proven  bool          // ... and that goroutines wait for the loop, for too long
	waiting map[*engine.Dependent]time.Duration
}

const (
	slowStep      = time.Second
	slowStepDebug = 100 * time.Millisecond
	// waitLimit is how long a goroutine waits for a loop that stands in one step
	// before that counts as a deadlock.
	waitLimit = 5 * time.Second
	// deadlockAfter is how long a loop sleeps before it is looked through for a
	// deadlock: what wakes it may be on its way.
	deadlockAfter = time.Second
	// looks is how often the watchdog looks at a step before that is slow.
	looks = 4
)

// watchStalls makes the watchdog look at the loop.
func (l *Loop) watchStalls() (stop func()) {
	if l.inBubble || l.noStalls { // its clock stands still as long as a goroutine runs
		return func() {}
	}
	w := l.newWatch()
	l.core.Woken = theWatchdog.call
	theWatchdog.add(w)
	return w.stop
}

func (l *Loop) newWatch() *watch {
	w := &watch{loop: l, slow: l.config.SlowStep, limit: l.config.WaitLimit, detect: l.detects()}
	switch {
	case w.slow < 0:
		w.slow = 0
	case w.slow == 0 && l.core.Debug:
		w.slow = slowStepDebug
	case w.slow == 0:
		w.slow = slowStep
	}
	if w.limit == 0 {
		w.limit = waitLimit
	}
	w.tick = w.limit / looks
	if w.slow > 0 {
		w.tick = min(w.tick, w.slow/looks)
	}
	if w.detect {
		w.tick = min(w.tick, deadlockAfter/looks)
	}
	w.tick = max(w.tick, time.Millisecond)
	return w
}

// stop ends the watch: no report begins any more. A report that is being made may need
// the loop, so the loop waits for it only when it is closed.
func (w *watch) stop() {
	theWatchdog.remove(w)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.over = true
}

// wanted reports whether the watchdog has to look again. A sleeping loop needs no look,
// because it calls the watchdog when it wakes. But waits that began just before the loop
// fell asleep have to be noted, too.
func (w *watch) wanted() bool {
	step := w.loop.core.Look().Number
	return !w.loop.core.Resting() || step != w.noted.Load() || w.detect && step != w.checked.Load()
}

func (w *watch) look(now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if step, over := w.loop.core.NoteMoment(); over {
		w.noted.Store(step)
	}
	passed := min(now.Sub(w.at), 2*w.tick) // more only if the process has stood still itself
	w.at = now
	if step := w.loop.core.Look(); step != w.step {
		w.step, w.lasted, w.told, w.proven, w.waiting = step, 0, false, false, nil
		if !step.Idle() {
			w.countDependents(0)
		}
		return
	}
	w.lasted += passed
	switch {
	case w.over:
	case !w.step.Idle():
		w.lookAtStep(passed)
	case w.detect && w.loop.core.Resting() && w.lasted >= deadlockAfter && w.checked.Load() != w.step.Number:
		_ = w.loop.core.Post((*deadlockCheck)(w)) // a loop that has ended needs none
	}
}

// dumpCost is how long it may take per goroutine to print all stacks. A step is not
// reported until it has lasted that long for all goroutines, so that the report at most
// doubles the delay.
const dumpCost = 100 * time.Microsecond

// lookAtStep reports the step if that is due.
func (w *watch) lookAtStep(passed time.Duration) {
	w.countDependents(passed)
	slow := w.slow > 0 && !w.told && w.lasted >= w.slow
	proven := !w.proven && w.hasWaited()
	if !slow && !proven || w.lasted < dumpCost*time.Duration(runtime.NumGoroutine()) {
		return
	}
	w.told, w.proven = true, w.proven || proven
	s := stall{loop: w.loop, step: w.step, lasted: w.lasted, proven: proven}
	w.loop.reports.Go(s.report)
}

// countDependents notes how long others have waited for the loop in this step.
func (w *watch) countDependents(passed time.Duration) {
	waiting := map[*engine.Dependent]time.Duration{}
	for _, d := range w.loop.core.Dependents() {
		before, known := w.waiting[d]
		if known {
			before += passed
		}
		waiting[d] = before
	}
	w.waiting = waiting
}

func (w *watch) hasWaited() bool {
	for _, d := range w.waiting {
		if d >= w.limit {
			return true
		}
	}
	return false
}
