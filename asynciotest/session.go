package asynciotest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/trace"
)

// A session is one run of a function: a loop in a world of its own.
type session struct {
	t      testing.TB
	config *config
	world  virtual.World
	rand   *rand.Rand
	line   *explore.Timeline
	hooks  *asyncio.Hooks
	ctx    context.Context             // the context of the main task
	idle   []*asyncio.Future[struct{}] // the calls of WaitAllBlocked that wait
	stuck  bool                        // there was a deadlock
	ending bool                        // the test's function has ended

	network *Network        // nil: no one has asked for it
	chance  *rand.Rand      // of the network
	crashed map[uint64]bool // the numbers of tasks of hosts that have crashed

	recorder  *trace.Recorder  // nil: there are no hosts
	recording *trace.Recording // what there was before a deadlock

	mu       sync.Mutex
	failures []string // what is said when the loop has ended, so that it is said of the test's line
}

func newSession(t testing.TB, c *config, run *explore.Run) *session {
	s := &session{t: t, config: c, rand: run.Seed.Program(), chance: run.Seed.Network(), line: run.Timeline, crashed: map[uint64]bool{}}
	s.world.Picker = run.Picker
	if _, bench := t.(*testing.B); !bench {
		s.hooks = s.line.Hooks()
	}
	s.world.Patience = c.patience
	if !c.real {
		s.world.Socket = s.tellSocket
	}
	s.world.Idle, s.world.Stuck, s.world.Unsure = s.wakeIdle, s.deadlock, s.unsure
	return s
}

// run runs fn to its end. A panic, which the exception handler has reported, ends the
// test and not the process, so that other tests still run. A deadlock ends the test, too:
// later failures would only be its consequences.
func (s *session) run(fn func(ctx context.Context)) {
	s.t.Helper()
	failed := s.t.Failed() // if it has, it is not known whether this run fails
	defer func() {
		s.t.Helper()
		p := recover()
		s.tellFailures()
		panicked, ours := p.(*asyncio.PanicError)
		switch {
		case ours:
			s.t.Errorf("the test's function panicked: %v", panicked.Value)
		case p != nil:
			panic(p)
		}
		if !failed && s.t.Failed() {
			s.draw()
		}
		if ours || s.stuck {
			s.t.FailNow()
		}
	}()
	ctx := context.WithValue(s.t.Context(), sessionKey{}, s)
	err := asyncio.Run(ctx, s.main(fn), s.options()...)
	if err != nil && !s.stuck {
		s.failf("the loop ended with: %v", err)
	}
}

// failf notes a failure. It may be called on any goroutine.
func (s *session) failf(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}

// tellFailures is called on the test's goroutine, when the loop has ended.
func (s *session) tellFailures() {
	s.t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.failures {
		s.t.Errorf("%s", f)
	}
	s.failures = nil
}

// options puts the user's options after ours that they may replace, and before ours
// that they must not replace.
func (s *session) options() []asyncio.Option {
	opts := []asyncio.Option{asyncio.OnException(s.report)}
	if !s.config.real {
		opts = append(opts, simnet.InMemory())
	}
	opts = append(opts, s.config.loop...)
	return append(opts, asyncio.Observe(s.hooks), s.world.Option())
}

func (s *session) report(c asyncio.ExceptionContext) {
	switch {
	case c.Duration > 0: // reported on another goroutine
		s.reportStall(c)
	case s.crashed[c.Task.ID], s.crashed[c.Task.Parent]: // no one can know what becomes of them
	case c.Task.ID == 0 && errors.Is(c.Err, ErrHostCrashed): // a future of such a task
	case !s.stuck: // after a deadlock, its report says enough
		s.failf("%v", c)
	}
}

// unsure is called by the world, on the loop, when it does not know when a context of
// package context ends.
func (s *session) unsure() {
	s.t.Helper()
	s.t.Errorf("asynciotest: a task waits on a context with a deadline of package context, and it is not known when in virtual time that is, because the clock has moved: use asyncio.WithTimeout, whose deadlines go by the loop's clock; or make the context where the task waits, with a timeout in whole milliseconds")
}

// tellSocket is called by the world, on the loop, when a test whose network is in memory
// waits for a socket of the system. A test is told once.
func (s *session) tellSocket() {
	s.config.sockets.Do(func() {
		s.t.Logf("asynciotest: the test waits for a socket of the system, in real time, although its network is in memory: use streams.Dial and Listen, or pass RealNetwork() if it means the system's")
	})
}

func (s *session) main(fn func(ctx context.Context)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		s.ctx = ctx
		defer func() { s.ending = true }()
		s.call(ctx, fn)
		if s.network != nil {
			s.network.stopAll(ctx)
		}
		s.checkLeftOver(ctx)
		return nil
	}
}

// call calls the test's function. If it has failed, what comes then is the end of its
// hosts, and not a part of the story.
func (s *session) call(ctx context.Context, fn func(ctx context.Context)) {
	defer func() { // FailNow, too, ends here
		if s.recorder != nil && s.hasFailed() {
			s.line.Freeze()
			s.keepRecording()
		}
	}()
	fn(ctx)
}

func (s *session) hasFailed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.t.Failed() || len(s.failures) > 0
}

type sessionKey struct{}

// sessionOf returns the session that ctx belongs to.
func sessionOf(ctx context.Context, op string) *session {
	s, _ := ctx.Value(sessionKey{}).(*session)
	if s == nil {
		panic("asynciotest: " + op + " outside of Run and Explore: pass a context derived from the one they hand out")
	}
	return s
}
