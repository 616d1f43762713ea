// Package virtual is a world in which time passes only when nothing else happens: as soon
// as all tasks wait, the clock jumps to the next deadline. So a sleep of an hour takes no
// time, and every run is the same.
package virtual

import (
	"math"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// Time returns an option that makes a loop run on a clock of its own that
// jumps. Work outside the loop (ToThread, executors) takes real time, and the clock knows
// nothing of it: the loop waits for such work only if there is nothing else to wait for;
// if a deadline is set, the clock jumps to it first.
func Time() config.Option { return new(World).Option() }

// A World is what a loop on virtual time runs in. The zero World waits for
// ever when there is nothing to wait for. A World is for one loop at a time.
type World struct {
	// Picker decides which task goes next; nil: first in, first out.
	Picker engine.Picker
	// Patience is how long, in real time, the clock stands still for work outside the
	// loop, before it jumps to the next deadline in any case. It starts again whenever
	// something comes from outside.
	Patience time.Duration
	// Idle is called before the loop would wait, when there is no work outside to wait
	// for. It returns true if it has made something ready.
	Idle func() bool
	// Stuck is called when nothing can ever wake the loop. If it returns an error, that
	// ends the loop's run; otherwise the loop waits for ever.
	Stuck func() error
	// Unsure is called when a wait begins whose context has a deadline of package
	// context, and it is not known when in virtual time that is.
	Unsure func()
	// Socket is called when the loop is to wait for a socket of the system.
	Socket func()
	// Threads makes work outside the loop take virtual time, through Take, and run in an
	// order that is the same in every run.
	Threads bool
	// Rests is called when the loop begins to wait, with its next deadline; negative: there
	// is none.
	Rests func(until time.Duration)

	now       atomic.Int64
	outside   atomic.Int64
	wake      chan struct{}
	watches   watches
	threads   threads
	open      atomic.Bool // a loop is in the world
	impatient bool        // the patience is used up
	quiet     quiet

	descriptors descriptors
}

// Option makes a loop run in the world.
func (w *World) Option() config.Option {
	return config.InWorld(func() config.World {
		w.wake = make(chan struct{}, 1)
		w.watches.contexts.world = w
		world := config.World{Clock: w, Poller: w, Picker: w.Picker, Contexts: &w.watches, Channels: &w.watches, Outside: &w.outside}
		if w.Threads {
			w.threads.open(w)
			world.Threads, world.NoStalls = &w.threads, true
		}
		w.open.Store(true)
		return world
	})
}

// Outside counts what goes on outside the loop and will wake it. Any goroutine may call
// it.
func (w *World) Outside(n int) { w.outside.Add(int64(n)) }

// Now returns the virtual time.
func (w *World) Now() time.Duration { return time.Duration(w.now.Load()) }

// Wait waits for what comes from outside, if there is work outside, and otherwise makes
// the clock jump by the timeout. With a timeout of 0 it only polls the descriptors.
func (w *World) Wait(timeout time.Duration) error {
	if timeout == 0 {
		_, err := w.descriptors.wait(0)
		return err
	}
	if w.watches.contexts.look(math.MaxInt) {
		return nil
	}
	if w.Rests != nil {
		w.rests(timeout)
	}
	if w.Threads {
		left, came := w.letThreadsRun(timeout)
		if came {
			return nil
		}
		timeout = left
	}
	came, err := w.awaitOutside()
	switch {
	case came || err != nil || w.Idle != nil && w.Idle():
		return err
	case timeout >= 0:
		w.now.Add(int64(timeout))
		return nil
	case w.Stuck != nil && w.outside.Load() == 0 && !w.watches.contexts.haveDeadline():
		if w.woken() { // something has come at the last moment
			return nil
		}
		return w.Stuck()
	}
	w.impatient = false
	if w.Threads {
		return w.waitWithThreads()
	}
	_, err = w.waitReally(-1)
	return err
}

// waitWithThreads waits until the loop is woken. Meanwhile a thread that nobody waits for
// may want its turn, or to sleep.
func (w *World) waitWithThreads() error {
	for {
		if w.descriptors.used() {
			if heard, err := w.descriptors.wait(-1); heard || err != nil || w.woken() {
				return err
			}
		} else {
			select {
			case <-w.wake:
				return nil
			case <-w.threads.changed:
			}
		}
		if _, came := w.letThreadsRun(-1); came {
			return nil
		}
	}
}

func (w *World) rests(timeout time.Duration) {
	if timeout < 0 {
		w.Rests(-1)
	} else {
		w.Rests(w.Now() + timeout)
	}
}

// letThreadsRun lets the threads run until the timeout, and reports whether they have
// made something ready. It returns the timeout that is left.
func (w *World) letThreadsRun(timeout time.Duration) (left time.Duration, came bool) {
	deadline := time.Duration(math.MaxInt64)
	if timeout >= 0 {
		deadline = w.Now() + timeout
	}
	w.threads.run()
	for !w.woken() {
		if !w.threads.step(deadline) {
			return min(timeout, deadline-w.Now()), false
		}
	}
	return 0, true
}

// awaitOutside waits for work outside and reports whether something has come from there.
// Such work is counted until its event is in the inbox; so awaitOutside looks at the
// count first, and then whether the loop was woken.
func (w *World) awaitOutside() (came bool, err error) {
	patience := w.patience()
	if w.woken() {
		w.impatient = false
		return true, nil
	}
	if w.impatient {
		patience = 0
	}
	if patience == 0 && !w.descriptors.used() {
		return false, nil
	}
	if w.descriptors.used() {
		came, err = w.waitReally(patience)
		w.impatient = !came
		return came, err
	}
	came, theyWait, err := w.awaitThreads(patience)
	w.impatient = !came && !theyWait
	return came, err
}

// patience returns how long to wait for what is outside; 0 if nothing is.
func (w *World) patience() time.Duration {
	switch {
	case w.descriptors.used():
		return max(w.Patience, minDescriptorPatience)
	case w.outside.Load() > w.threads.counted():
		return w.Patience
	default:
		return 0
	}
}

// waitReally waits in real time, and reports whether something has come.
func (w *World) waitReally(timeout time.Duration) (came bool, err error) {
	if w.descriptors.used() {
		return w.waitForDescriptors(timeout)
	}
	if timeout < 0 {
		<-w.wake
		return true, nil
	}
	limit := time.NewTimer(timeout)
	defer limit.Stop()
	select {
	case <-w.wake:
		return true, nil
	case <-limit.C:
		return false, nil
	}
}

// waitForDescriptors is waitReally for a world with descriptors, in which a wake-up
// goes through their poller. A stale wake-up does not count.
func (w *World) waitForDescriptors(timeout time.Duration) (came bool, err error) {
	end := time.Now().Add(timeout)
	for {
		heard, err := w.descriptors.wait(timeout)
		if heard || err != nil || w.woken() {
			return true, err
		}
		if timeout >= 0 {
			if timeout = time.Until(end); timeout <= 0 {
				return false, nil
			}
		}
	}
}

func (w *World) woken() bool {
	select {
	case <-w.wake:
		return true
	default:
		return false
	}
}

// Wake ends the current or the next Wait. Any goroutine may call it.
func (w *World) Wake() error {
	select {
	case w.wake <- struct{}{}:
	default: // there is one already
	}
	return w.descriptors.wake()
}

// Close closes what the world uses of the real one, such as a poller.
func (w *World) Close() error {
	w.open.Store(false)
	w.threads.close()
	return w.descriptors.close()
}
