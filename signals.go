package asyncio

import (
	"os"
	"os/signal"

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
