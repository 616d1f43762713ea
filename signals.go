package asyncio

import (
	"context"
	"iter"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// signalHandler brings one signal to the loop.
type signalHandler struct {
	received chan os.Signal
	stopped  chan struct{}
}

// handleSignal calls fn on a goroutine for each signal, until stop is called.
func handleSignal(sig os.Signal, fn func()) *signalHandler {
	h := &signalHandler{make(chan os.Signal, 8), make(chan struct{})}
	signal.Notify(h.received, sig)
	go func() {
		defer close(h.stopped)
		for range h.received {
			fn()
		}
	}()
	return h
}

func (h *signalHandler) stop() {
	signal.Stop(h.received)
	close(h.received)
	<-h.stopped
}

// AddSignalHandler lets the loop call fn for each signal, in place of what
// was called for it before. After the loop's end it returns ErrLoopClosed. In
// Python: loop.add_signal_handler.
func (l *Loop) AddSignalHandler(sig os.Signal, fn func()) error {
	l.check("Loop.AddSignalHandler")
	if fn == nil {
		panic(nilFunction)
	}
	if l.core.Closed() {
		return ErrLoopClosed
	}
	l.RemoveSignalHandler(sig)
	if l.signals == nil {
		l.signals = map[os.Signal]*signalHandler{}
	}
	l.signals[sig] = handleSignal(sig, func() { _ = l.CallSoonThreadsafe(fn) })
	return nil
}

// RemoveSignalHandler lets the signal do what it does by default. It reports
// whether there was a handler. In Python: loop.remove_signal_handler.
func (l *Loop) RemoveSignalHandler(sig os.Signal) bool {
	l.check("Loop.RemoveSignalHandler")
	h, ok := l.signals[sig]
	if ok {
		h.stop()
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
//	for sig := range asyncio.Signals(ctx, syscall.SIGHUP, syscall.SIGUSR1) {
//		reload()
//	}
//
// They are caught as long as the loop over them runs, in place of what they do
// by default; others may catch them as well. What comes while the body runs
// waits for its turn, up to 64 of a kind, beyond which several are one (and the
// system makes one of several that come at a time). What waits when the loop is
// left is dropped. It ends when ctx is done. It panics outside an event loop.
// In Python, where there is none: loop.add_signal_handler and a Queue.
func Signals(ctx context.Context, sigs ...os.Signal) iter.Seq[os.Signal] {
	if len(sigs) == 0 {
		panic("asyncio: Signals of no signal: name those to wait for")
	}
	return func(yield func(os.Signal) bool) {
		l, queue := loopOf(mustHaveLoop(ctx, "Signals")), NewQueue[*signalSource](0)
		for i, sig := range sigs {
			if !slices.Contains(sigs[:i], sig) {
				s := &signalSource{signal: sig}
				h := handleSignal(sig, func() { s.received(l, queue) })
				defer h.stop()
			}
		}
		for s := range queue.All(ctx) {
			s.waiting.Add(-1)
			if !yield(s.signal) {
				return
			}
		}
	}
}

// A signalSource is where signals of a kind come from. Each has a goroutine: in
// a channel that they share, many of one kind could leave no room for another.
type signalSource struct {
	signal  os.Signal
	waiting atomic.Int64 // on their way to the body
}

const signalsAtOnce = 64

// received is called on a goroutine of its own.
func (s *signalSource) received(l *Loop, q *Queue[*signalSource]) {
	if s.waiting.Load() == signalsAtOnce {
		return // one that waits stands for it
	}
	s.waiting.Add(1)
	_ = l.CallSoonThreadsafe(func() { _ = q.TryPut(s) }) // a loop that has ended needs none
}

// watchInterrupts makes the first Ctrl-C cancel the task and note it in
// interrupted, and the second end the program.
func (l *Loop) watchInterrupts(t *engine.Task, interrupted *bool) (stop func()) {
	count := 0
	h := handleSignal(os.Interrupt, func() {
		if count++; count > 1 {
			die()
		}
		_ = l.core.Post(interrupt{t, interrupted})
	})
	return h.stop
}

type interrupt struct {
	task *engine.Task
	note *bool
}

func (i interrupt) Fire() { *i.note = i.task.Cancel(ErrInterrupted) }

// die ends the program as Ctrl-C does when no one handles it.
func die() {
	signal.Reset(os.Interrupt)
	if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(os.Interrupt) == nil {
		select {} // the signal is on its way
	}
	os.Exit(130) // where a process cannot signal itself
}
