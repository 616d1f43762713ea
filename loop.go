package asyncio

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/poller"
)

// A Loop is an event loop. Run makes one; RunningLoop returns it. In Python:
// asyncio.AbstractEventLoop.
//
// Its methods are for the loop, that is for tasks and callbacks, unless they say
// otherwise; on another goroutine they panic. In this package, "for the loop only" means
// the same.
type Loop struct {
	core    engine.Loop
	handler atomic.Pointer[func(ExceptionContext)]
	hooks   []*Hooks
	handles []Handle // unused handles, for CallSoon
	threads threads
	gaveUp  bool // the loop no longer waits for threads
	signals map[os.Signal]*signalHandler
	watches map[uintptr]*descriptorWatch
	reports sync.WaitGroup // those of the watchdog
	config  *config.Config

	debugAtStart bool // debug mode was on when the loop was made
	inBubble     bool // it was made in a bubble of testing/synctest
	noStalls     bool // see config.World
	catching     int  // how many calls of Signals catch signals
	deadlocked   bool // a deadlock has been reported
	dumpsOnQuit  bool // see DumpOnQuit
}

// RunningLoop returns the loop that ctx belongs to, or nil. Any goroutine may
// call it. In Python: asyncio.get_running_loop.
func RunningLoop(ctx context.Context) *Loop {
	if l := engine.LoopOf(ctx); l != nil {
		return loopOf(l)
	}
	return nil
}

// loopOf returns the Loop that a loop of the engine is a part of.
func loopOf(l *engine.Loop) *Loop { return l.Owner.(*Loop) }

func newLoop(c *config.Config) *Loop {
	l := &Loop{config: c}
	l.core.Owner, l.core.Report, l.core.PanicError = l, l.reportOfEngine, newPanicError
	l.core.Dump = l.dumpFromOutside
	if l.debugAtStart = debugByEnvironment(); c.Debug != nil {
		l.debugAtStart = *c.Debug
	}
	l.core.SetDebug(l.debugAtStart)
	l.SetExceptionHandler(nil)
	l.enterWorld()
	for _, prepare := range c.Prepare {
		prepare(&l.core)
	}
	for _, h := range l.hooks {
		l.core.Listen(newObserver(l, h))
	}
	if !l.inBubble { // who watches lives outside of a bubble, and must not be met inside
		config.ReadEnvironment()
		l.core.Made()
	}
	return l
}

// enterWorld gives the engine the world that it runs in.
func (l *Loop) enterWorld() {
	l.inBubble = insideBubble()
	if l.config.NewWorld == nil {
		clock := poller.NewClock()
		l.core.Init(clock, newPoller(l.inBubble), nil)
		l.core.Epoch = clock.Origin()
		l.core.OwnClock = l.inBubble
		if l.detects() {
			l.core.Outside = new(atomic.Int64)
		}
		return
	}
	w := l.config.NewWorld()
	l.core.Init(w.Clock, w.Poller, w.Picker)
	l.core.OwnClock = true
	l.core.Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	l.core.Contexts, l.core.Channels, l.core.Outside = w.Contexts, w.Channels, w.Outside
	l.core.Threads, l.noStalls = w.Threads, w.NoStalls
}

// newPoller returns the system's poller. It returns a poller that needs nothing of the
// system if the system gives none, for example because the process has used up its
// descriptors, and in a bubble, whose clock stands still while a goroutine waits for the
// system.
func newPoller(inBubble bool) engine.Poller {
	if !inBubble {
		if p, err := poller.New(); err == nil {
			return p
		}
	}
	return poller.NewPortable()
}

// CallSoon makes the loop call fn in the next pass, after everything that is ready
// already. In Python: loop.call_soon.
func (l *Loop) CallSoon(fn func()) *Handle {
	if l == nil || !l.core.OnLoop() { // spares the usual case a call
		l.mustBeOpen("Loop.CallSoon")
	}
	n := len(l.handles)
	if n == 0 {
		l.handles = make([]Handle, handlesAtOnce)
		n = handlesAtOnce
	}
	h := &l.handles[n-1]
	l.handles = l.handles[:n-1]
	l.initHandle(h, fn)
	h.call.Schedule()
	return h
}

// handlesAtOnce is how many handles are allocated at a time: they are small, and often
// needed.
const handlesAtOnce = 32

// CallSoonThreadsafe is CallSoon for any goroutine. It wakes the loop if it
// sleeps. After the loop's end it returns ErrLoopClosed. In Python:
// loop.call_soon_threadsafe.
func (l *Loop) CallSoonThreadsafe(fn func()) error {
	l.mustBe("Loop.CallSoonThreadsafe")
	if fn == nil {
		panic(nilFunction)
	}
	return l.core.PostCall(fn)
}

// CallLater makes the loop call fn after d. Callbacks with the same deadline are called
// in the order in which they were set. In Python: loop.call_later.
func (l *Loop) CallLater(d time.Duration, fn func()) *TimerHandle {
	l.mustBeOpen("Loop.CallLater")
	when := l.core.After(d)
	return l.callAt(when, l.core.Time(when), fn)
}

// CallAt makes the loop call fn at a point of time, by the loop's clock; see
// WithTimeoutAt for times without a monotonic reading. In Python: loop.call_at.
func (l *Loop) CallAt(when time.Time, fn func()) *TimerHandle {
	l.mustBeOpen("Loop.CallAt")
	at, shown := l.core.At(when)
	return l.callAt(at, shown, fn)
}

func (l *Loop) callAt(at time.Duration, shown time.Time, fn func()) *TimerHandle {
	h := &TimerHandle{when: shown}
	l.initHandle(&h.Handle, fn)
	h.timer.Set(&l.core, at, &h.call)
	return h
}

func (l *Loop) initHandle(h *Handle, fn func()) {
	if fn == nil {
		panic(nilFunction)
	}
	h.call.Init(&l.core, fn)
}

// made reports whether newLoop has made the loop. It is false for a zero Loop and for
// a nil one, which RunningLoop returns outside of a loop.
func (l *Loop) made() bool { return l != nil && l.core.Owner != nil }

func (l *Loop) mustBe(op string) {
	if !l.made() {
		panic("asyncio: " + op + " on a nil loop or a zero one: take the loop with RunningLoop in a coroutine that Run runs, with the context it was given")
	}
}

func (l *Loop) check(op string) {
	l.mustBe(op)
	l.core.Check(op)
}

func (l *Loop) mustBeOpen(op string) {
	l.check(op)
	if !l.core.Running() && l.core.Closed() {
		panic("asyncio: " + op + " on a loop that has ended: it will never be called; keep the loop running, or do without it")
	}
}

// A Handle is a callback that the loop will call. In Python: asyncio.Handle.
// For the loop only.
type Handle struct {
	call engine.Callback
}

// Cancel takes the callback back, if it has not been called.
func (h *Handle) Cancel() {
	mustBeHandle(h != nil && h.call.Loop() != nil)
	h.call.Loop().Check("Handle.Cancel")
	h.call.Cancel()
}

// Canceled reports whether Cancel was called. In Python: Handle.cancelled.
func (h *Handle) Canceled() bool {
	mustBeHandle(h != nil && h.call.Loop() != nil)
	h.call.Loop().Check("Handle.Canceled")
	return h.call.Canceled()
}

// A TimerHandle is a callback that the loop will call at its time. In Python:
// asyncio.TimerHandle. For the loop only.
type TimerHandle struct {
	Handle
	timer engine.Timer
	when  time.Time
}

// Cancel takes the callback back, if it has not been called.
func (h *TimerHandle) Cancel() {
	mustBeHandle(h != nil)
	h.Handle.Cancel()
	h.timer.Stop(h.call.Loop())
}

// Canceled reports whether Cancel was called.
func (h *TimerHandle) Canceled() bool {
	mustBeHandle(h != nil)
	return h.Handle.Canceled()
}

// When returns the time for which the callback is set.
func (h *TimerHandle) When() time.Time {
	mustBeHandle(h != nil)
	return h.when
}

func mustBeHandle(made bool) {
	if !made {
		panic("asyncio: a method of a Handle or TimerHandle that is nil or zero: use what CallSoon, CallLater or CallAt returns")
	}
}

// Now returns the time by the loop's clock. Any goroutine may call it. In
// Python: loop.time.
func (l *Loop) Now() time.Time {
	l.mustBe("Loop.Now")
	return l.core.Time(l.core.Now())
}

// Stop makes the loop end after the current pass. Run then cleans up as usual and returns
// ErrLoopStopped. In Python: loop.stop.
func (l *Loop) Stop() {
	l.check("Loop.Stop")
	l.core.Stop()
}

// SetDebug turns debug mode on or off; see Debug. The watchdog stays as it
// is. In Python: loop.set_debug.
func (l *Loop) SetDebug(on bool) {
	l.check("Loop.SetDebug")
	l.core.SetDebug(on)
}

// LoopStats is a snapshot of what a loop has done and what it holds.
type LoopStats struct {
	Passes  uint64 // passes that have begun
	Events  uint64 // events of these passes: turns of tasks, callbacks, and the engine's own
	Created uint64 // tasks that were ever created
	Tasks   int    // tasks that have not ended
	Ready   int    // events in the ready queue
	Timers  int    // timers that are set
	Workers int    // coroutines, which carry tasks
	Spare   int    // coroutines that wait for the next task
	Threads int    // functions of ToThread that run

	Descriptors int // descriptors that the loop waits for: those of connections and of AddReader
}

// Stats returns a snapshot. Any goroutine may call it, for example a collector of
// metrics; it does not wait for the loop. On the loop, the snapshot is taken at the call.
// Elsewhere it is the one that the loop took when it last began to wait, or at most 256
// passes ago; while a step blocks the loop, it does not change. Threads are always
// counted at the call.
func (l *Loop) Stats() LoopStats {
	l.mustBe("Loop.Stats")
	var s engine.Stats
	if l.core.OnLoop() {
		s = l.core.Stats()
	} else {
		s = l.core.Published()
	}
	return LoopStats{
		Passes: s.Passes, Events: s.Events, Created: s.Created,
		Tasks: s.Live, Ready: s.Ready, Timers: s.Timers,
		Workers: s.Workers, Spare: s.Spare, Threads: l.threads.count(),
		Descriptors: s.Watched,
	}
}
