package engine

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/list"
	"github.com/asyncio-go/asyncio/internal/orderedset"
	"github.com/asyncio-go/asyncio/internal/timers"
)

// A Loop runs events one at a time, in passes: a pass takes in what has come
// from outside and what is due, and then runs exactly what is in the ready
// queue at that moment. What becomes ready meanwhile is for the next pass.
//
// One goroutine at a time runs a loop. Its coroutines are goroutines too, and
// take turns with it; that is what "on the loop" means. Loop only, except
// where it says otherwise.
type Loop struct {
	// What a switch touches comes first, so that it lies together.
	ready     readyQueue
	left      int          // events of the current pass that have not run
	current   *Task        // nil: the loop itself, or a callback
	goroutine coro.Current // the goroutine that runs now; 0: none
	caller    int64        // the goroutine that has called Run
	picker    Picker
	trace     *Trace // nil: no one watches
	watched   bool   // someone does, or debug mode is on
	begins    bool   // someone wants to know when steps begin
	paced     bool   // someone wants to know of passes, or of what comes into the queue
	stopping  bool
	running   bool
	inPass    bool
	calling   bool   // a callback of the user's runs
	passes    uint64 // how many passes have begun
	pacer     pollPacer
	budget    budget

	idle    []*worker // newest last
	workers int       // how many have not ended
	live    int       // how many tasks are not done
	ids     uint64    // the ID of the newest task
	exits   []*worker // a Goexit unwinds these; each is held until the loop ends
	root    Scope     // the scope above all others
	unseen  list.List[*failure]
	endings orderedset.Set[Ending]

	deadlines map[time.Time]time.Duration // when contexts of package context end in the loop's time; see deadlineOf

	inbox    inbox
	calls    []Callback // for CallUser
	others   coro.Others
	pools    []Pool        // that tasks were seen to use
	reported []UnseenError // see UnseenErrors
	broken   error         // the poller's error, which ends Run
	origin   origin        // what the events fired now come from, for those who watch
	picks    []*Task       // what the picker chooses from; the slice is used again

	clock  Clock
	poller Poller

	published published

	dress   Dress                 // nil: tasks begin with the context that they were created with
	tracing atomic.Pointer[Trace] // trace, for other goroutines
	groups  uint32                // the number of the newest group
	objects objects
	moments moments

	rests      atomic.Uint64 // how often a sleep has begun or ended; see Look
	dependents dependents
	suspicions suspicions

	// To be set before the loop runs, by the package on top of the engine.
	Owner      any                                 // the loop of that package, of which this one is a part
	Report     func(Report)                        // takes the errors that no one has looked at, and other reports
	PanicError func(value any, stack []byte) error // makes the error that a task which panicked ends with
	Dump       func() ([]byte, error)              // returns what DumpTasks writes; any goroutine but the loop's may call it

	// To be set before the loop runs, or on it.
	OwnClock  bool           // its clock is not that of the machine, so those who watch get times of its clock only
	Abandoned bool           // its tasks are ended by force, and not canceled first
	Debug     bool           // see SetDebug
	Woken     func()         // is called after every sleep; may be nil
	Contexts  ContextWatcher // nil: package context reports ends itself, and its deadlines go by the real clock
	Channels  ChannelWatcher // nil: the goroutines of exchanges tell the loop
	Network   any            // the network on which connections are made, of a type above the engine; nil: the system's
	Threads   ThreadWatcher  // nil: the system decides when work on other goroutines goes on
	Epoch     time.Time      // what the clock's origin is in time
	Outside   *atomic.Int64  // see CountOutside; nil: no one wants to know

	invariants
	timers timers.Heap[alarm] // large, so it comes last
}

// Init makes a loop ready to run, with this clock and this poller. A picker that
// is nil means first in, first out.
func (l *Loop) Init(c Clock, p Poller, pick Picker) {
	l.clock, l.poller, l.picker = c, p, pick
	l.pacer.init()
	if coro.OneThread {
		l.others.Waited()
	}
}

// Current returns the running task; nil in a callback.
func (l *Loop) Current() *Task { return l.current }

// InnermostScope returns the context that a wait of the running task uses if the call has
// no context: the scope that the task has opened last and not closed. It is nil in a
// callback.
func (l *Loop) InnermostScope() context.Context {
	switch t := l.current; {
	case t == nil:
		return nil
	case t.worker.inner != nil:
		return t.worker.inner
	default:
		return &t.scope
	}
}

// Running reports whether the loop runs. Loop only, or when it is not
// running.
func (l *Loop) Running() bool { return l.running }

// Post makes an event ready. Any goroutine may call it.
func (l *Loop) Post(e Event) error {
	if l.OnLoop() {
		l.ready.Push(e)
		return nil
	}
	return l.inbox.post(e, l.poller)
}

// PostCall is Post for a function of the user's: the call becomes an event of its
// own. Any goroutine may call it.
func (l *Loop) PostCall(fn func()) error {
	if l.OnLoop() {
		l.CallUser(fn)
		return nil
	}
	return l.inbox.post(postedCall(fn), l.poller)
}

// Wake ends the loop's sleep. Any goroutine may call it.
func (l *Loop) Wake() { _ = l.poller.Wake() }

// CountOutside counts what goes on outside the loop and will post an event to it: work on
// other goroutines, a wait on another loop, a child process. Each is counted until its
// event is in the inbox, so that there is no moment in which a virtual clock sees
// neither. Any goroutine may call it.
func (l *Loop) CountOutside(n int64) {
	if l.Outside != nil {
		l.Outside.Add(n)
	}
}

// OnLoop reports whether the calling goroutine is the one that runs the loop.
func (l *Loop) OnLoop() bool { return l.goroutine.Get() == coro.GoroutineID() }

// Check panics if the loop runs and the calling goroutine is not the one that runs
// it.
func (l *Loop) Check(op string) {
	if coro.CheapID || l.Debug {
		if id := l.goroutine.Get(); id != coro.GoroutineID() && id != 0 {
			foreignGoroutine(op)
		}
	}
}

func foreignGoroutine(op string) {
	panic("asyncio: " + op + " from a goroutine that does not run the loop: start a task (TaskGroup.Go, asyncio.Go) and not a goroutine, or use Loop.CallSoonThreadsafe or RunCoroutineThreadsafe there (or the context is of another loop)")
}

// Closed reports whether the loop will never run again. Any goroutine may ask.
func (l *Loop) Closed() bool { return l.inbox.isClosed() }

// Stop makes Run return after the current pass.
func (l *Loop) Stop() { l.stopping = true }

// Run runs passes until Stop, which a Goexit in a task calls as well.
func (l *Loop) Run() (err error) {
	if broken := coro.Broken(); broken != "" {
		panic(broken)
	}
	l.caller, l.running = coro.GoroutineID(), true
	l.goroutine.Set(l.caller)
	l.rests.Add(l.rests.Load() % 2) // a panic may have come out of a sleep
	l.wakeTrace(false)
	running.Store(l, nil)
	defer func() {
		l.running, l.stopping = false, false
		l.publish()
		l.restTrace()
		l.goroutine.Set(0)
		running.Delete(l)
	}()
	for over := false; !over; {
		over, err = l.runPasses()
	}
	return cmp.Or(err, l.broken)
}

// Passes returns how many passes have begun.
func (l *Loop) Passes() uint64 { return l.passes }

// Tasks calls yield for every task that is not done, outermost first.
func (l *Loop) Tasks(yield func(*Task) bool) { l.root.tasks(yield) }

func (s *Scope) tasks(yield func(*Task) bool) bool {
	for kid := range s.below.All {
		if kid.kind&scopeOfTask != 0 && !yield(kid.task) {
			return false
		}
		if !kid.tasks(yield) {
			return false
		}
	}
	return true
}

// Live returns how many tasks are not done.
func (l *Loop) Live() int { return l.live }
