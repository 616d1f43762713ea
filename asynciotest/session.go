package asynciotest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
	"github.com/asyncio-go/asyncio/internal/virtual"
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

	mu       sync.Mutex
	failures []string // what is said when the loop has ended, so that it is said of the test's line
}

func newSession(t testing.TB, c *config, run *explore.Run) *session {
	s := &session{t: t, config: c, rand: run.Seed.Program(), line: run.Timeline}
	s.world.Picker = run.Picker
	if _, bench := t.(*testing.B); !bench {
		s.hooks = s.line.Hooks()
	}
	s.world.Patience = c.patience
	s.world.Idle, s.world.Stuck, s.world.Unsure = s.wakeIdle, s.deadlock, s.unsure
	return s
}

// run runs fn to its end. A panic, which the exception handler has reported,
// ends the test and not the process: other tests have a right to run. So does a
// deadlock: what comes after it would be about its consequences.
func (s *session) run(fn func(ctx context.Context)) {
	s.t.Helper()
	defer func() {
		s.t.Helper()
		p := recover()
		s.tellFailures()
		switch p := p.(type) {
		case nil:
			if s.stuck {
				s.t.FailNow()
			}
		case *asyncio.PanicError:
			s.t.Fatalf("the test's function panicked: %v", p.Value)
		default:
			panic(p)
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
	opts = append(opts, s.config.loop...)
	return append(opts, asyncio.Observe(s.hooks), s.world.Option())
}

func (s *session) report(c asyncio.ExceptionContext) {
	switch {
	case c.Duration > 0:
		s.reportStall(c)
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

func (s *session) main(fn func(ctx context.Context)) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		s.ctx = ctx
		fn(ctx)
		s.checkLeftOver(ctx)
		return nil
	}
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
