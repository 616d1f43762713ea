package asyncio

import (
	"os"
	"os/signal"
	"runtime"
	"sync"
)

// A signalCatcher catches one signal.
type signalCatcher struct {
	signal   os.Signal
	received chan os.Signal
	stopped  chan struct{}
}

// catchSignal calls fn on a goroutine for each signal, until stop is called.
func catchSignal(sig os.Signal, fn func()) *signalCatcher {
	c := &signalCatcher{sig, make(chan os.Signal, 8), make(chan struct{})}
	caught.notify(sig, c.received)
	go func() {
		defer close(c.stopped)
		for range c.received {
			fn()
		}
	}()
	return c
}

func (c *signalCatcher) stop() {
	caught.stop(c.signal, c.received)
	close(c.received)
	<-c.stopped
}

// caught are the signals that catchers of this process catch. Package signal does
// not remember that a signal was ignored before it was caught, so this does.
var caught caughtSignals

type caughtSignals struct {
	mu sync.Mutex
	by map[os.Signal]*caughtSignal
}

type caughtSignal struct {
	catchers int
	ignored  bool // it was ignored when the first came
}

func (cs *caughtSignals) notify(sig os.Signal, received chan<- os.Signal) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	s := cs.by[sig]
	if s == nil {
		if cs.by == nil {
			cs.by = map[os.Signal]*caughtSignal{}
		}
		s = &caughtSignal{ignored: isIgnored(sig)}
		cs.by[sig] = s
	}
	s.catchers++
	signal.Notify(received, sig)
}

func (cs *caughtSignals) stop(sig os.Signal, received chan<- os.Signal) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	s := cs.by[sig]
	if s.catchers--; s.catchers == 0 {
		delete(cs.by, sig)
		if s.ignored { // comes before Stop, after which the signal could end the program
			signal.Ignore(sig)
		}
	}
	signal.Stop(received)
}

// ignored reports whether a signal is ignored, or was before it was caught.
func (cs *caughtSignals) ignored(sig os.Signal) bool {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if s := cs.by[sig]; s != nil {
		return s.ignored
	}
	return isIgnored(sig)
}

// isIgnored reports whether the process ignores a signal. WebAssembly has no signals, and
// there package signal panics when it is asked.
func isIgnored(sig os.Signal) bool { return runtime.GOARCH != "wasm" && signal.Ignored(sig) }
