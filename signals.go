package asyncio

import (
	"context"
	"fmt"
	"iter"
	"os"
	"slices"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// checkSignal returns an error if a signal cannot be caught.
func checkSignal(sig os.Signal) error {
	if sig == nil || slices.Contains(uncatchable, sig) {
		return fmt.Errorf("asyncio: the signal %v cannot be caught: choose another, such as os.Interrupt", sig)
	}
	return nil
}

// A signalHandler is what the user wants to be called for a signal.
type signalHandler struct {
	catcher *signalCatcher
	fn      func() // nil: removed
}

func (h *signalHandler) call() {
	if h.fn != nil {
		h.fn()
	}
}

// AddSignalHandler makes the loop call fn for each signal. fn replaces the function of an
// earlier call. A signal that the process ignores (such as Ctrl-C in a program that a
// shell script starts in the background, and SIGHUP under nohup) is caught like any
// other. When the last handler in this process is removed, it is ignored again, as after
// signal.Ignore, which removes the signal for everyone. AddSignalHandler returns an error
// for a signal that cannot be caught, such as os.Kill, and ErrLoopClosed after the loop's
// end. In Python: loop.add_signal_handler.
func (l *Loop) AddSignalHandler(sig os.Signal, fn func()) error {
	l.check("Loop.AddSignalHandler")
	if fn == nil {
		panic(nilFunction)
	}
	if l.core.Closed() {
		return ErrLoopClosed
	}
	if err := checkSignal(sig); err != nil {
		return err
	}
	if h, ok := l.signals[sig]; ok { // the signal stays caught, without a gap
		h.fn = fn
		return nil
	}
	h := &signalHandler{fn: fn}
	h.catcher = catchSignal(sig, func() { _ = l.CallSoonThreadsafe(h.call) })
	if l.signals == nil {
		l.signals = map[os.Signal]*signalHandler{}
	}
	l.signals[sig] = h
	return nil
}

// RemoveSignalHandler makes the signal do again what it did before; a call that is
// already due does not happen. It reports whether there was a handler. In Python:
// loop.remove_signal_handler.
func (l *Loop) RemoveSignalHandler(sig os.Signal) bool {
	l.check("Loop.RemoveSignalHandler")
	h, ok := l.signals[sig]
	if ok {
		h.fn = nil
		h.catcher.stop()
		delete(l.signals, sig)
	}
	return ok
}

func (l *Loop) removeSignalHandlers() {
	for sig := range l.signals {
		l.RemoveSignalHandler(sig)
	}
}

// Signals ranges over signals as they come, and suspends the task between
// them:
//
//	for sig, err := range asyncio.Signals(ctx, syscall.SIGHUP, syscall.SIGUSR1) {
//		if err != nil {
//			return err
//		}
//		reload()
//	}
//
// The signals are caught as long as the range runs, and do not have their default effect;
// a signal that was ignored is caught, too (see [Loop.AddSignalHandler]). Others may
// catch the same signals as well. Signals that come while the body runs wait for their
// turn, up to 64 of a kind; beyond that, several count as one (and the system itself
// merges signals that come close together). Signals that still wait when the range is
// left are dropped. If ctx is canceled, the last pair is no signal and an error that is
// ErrCanceled; outside an event loop, ErrNoRunningLoop. It panics for a signal that
// cannot be caught. Python has no counterpart: it takes loop.add_signal_handler and a
// Queue.
func Signals(ctx context.Context, sigs ...os.Signal) iter.Seq2[os.Signal, error] {
	if len(sigs) == 0 {
		panic("asyncio: Signals of no signal: name those to wait for")
	}
	for _, sig := range sigs {
		if err := checkSignal(sig); err != nil {
			panic(err.Error())
		}
	}
	return func(yield func(os.Signal, error) bool) {
		if engine.RunningLoopOf(ctx) == nil {
			yield(nil, ErrNoRunningLoop)
			return
		}
		l, queue := loopOf(mustHaveLoop(ctx, "Signals")), NewQueue[*signalSource](0)
		l.catching++
		defer func() { l.catching-- }()
		for i, sig := range sigs {
			if !slices.Contains(sigs[:i], sig) {
				s := &signalSource{signal: sig}
				c := catchSignal(sig, func() { s.received(l, queue) })
				defer c.stop()
			}
		}
		for s, err := range queue.All(ctx) {
			if err != nil {
				yield(nil, err)
				return
			}
			s.waiting.Add(-1)
			if !yield(s.signal, nil) {
				return
			}
		}
	}
}

// A signalSource is where signals of one kind come from. Each source has its own
// goroutine: in a channel that all kinds share, many signals of one kind could leave no
// room for another.
type signalSource struct {
	signal  os.Signal
	waiting atomic.Int64 // how many signals are on their way to the body
}

const signalsAtOnce = 64

// received is called on a goroutine of its own.
func (s *signalSource) received(l *Loop, q *Queue[*signalSource]) {
	if s.waiting.Load() == signalsAtOnce {
		return // a signal that waits stands for this one as well
	}
	s.waiting.Add(1)
	_ = l.CallSoonThreadsafe(func() { _ = q.TryPut(s) }) // a loop that has ended needs none
}
