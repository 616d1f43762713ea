package engine

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A Scope is a context.Context. Package context knows how to hang its own
// contexts on a foreign one in two ways: with a goroutine for each, or, when
// the foreign one offers a cancel context of package context through Value
// and shares its Done channel, directly and for nothing. So a scope has a
// twin in package context, made when someone first asks for Done or for the
// cause, and canceled with it.

// A twin is the context of package context that stands for the scope wherever code
// outside the scope's own task uses it.
type twin struct {
	context.Context
	cancel  context.CancelCauseFunc
	waiters Waiters // what waits for the end of the scope; for the loop only
}

// scopeKey is the key under which a scope answers for itself.
var scopeKey any = new(byte)

// cancelKey is the key under which package context asks for its own cancel
// context. Package context does not export it; findCancelKey learns it from
// context.Cause. If that fails in a later release of Go, cancelKey is a key that no one
// asks for: package context then starts a goroutine for each of its contexts on a scope,
// and tells no cause.
var cancelKey = findCancelKey(context.Cause)

func findCancelKey(cause func(context.Context) error) any {
	probe := keyProbe{Context: context.Background()}
	cause(&probe)
	std, cancel := context.WithCancelCause(context.Background())
	cancel(errProbed)
	probe.std = std
	if cause(&probe) == errProbed {
		return probe.key
	}
	return new(byte)
}

var errProbed = errors.New("asyncio: a probe was canceled")

// A keyProbe is a context that notes the keys that it is asked for. Once it has a std, it
// returns that for its key, as a scope returns its twin.
type keyProbe struct {
	context.Context
	key any
	std context.Context
}

func (p *keyProbe) Err() error { return context.Canceled }

func (p *keyProbe) Value(key any) any {
	switch {
	case p.std == nil:
		p.key = key
	case p.key == key:
		return p.std.Value(key)
	}
	return nil
}

// standard returns the scope's twin. If the scope is canceled, so is the twin.
func (s *Scope) standard() *twin {
	std := s.std.Load()
	if std == nil {
		ctx, cancel := context.WithCancelCause(context.Background())
		std = &twin{Context: ctx, cancel: cancel}
		if !s.std.CompareAndSwap(nil, std) {
			cancel(nil)
			std = s.std.Load()
		}
	}
	if s.Canceled() {
		s.settle(std)
	}
	return std
}

// Done returns a channel that is closed when the scope is canceled.
func (s *Scope) Done() <-chan struct{} { return s.standard().Done() }

// Err returns context.Canceled once the scope is canceled. context.Cause says why. Once
// it has returned an error, every later call of Done returns a closed channel, and the
// cause does not change any more.
func (s *Scope) Err() error {
	if !s.Canceled() {
		return nil
	}
	if std := s.std.Load(); std != nil {
		s.settle(std)
		return std.Err()
	}
	return context.Canceled // whoever makes the twin sees that
}

// Value returns the value of the context the scope was opened on.
func (s *Scope) Value(key any) any {
	switch key {
	case scopeKey:
		return s
	case cancelKey:
		return s.standard().Value(key)
	case coro.LabelKey:
		coro.UseLabels()
		return s.values.Value(key)
	default:
		return s.values.Value(key)
	}
}

// Deadline returns the earliest deadline of the scope and of what it was
// opened on.
func (s *Scope) Deadline() (deadline time.Time, ok bool) {
	if c := s.Loop().Contexts; c != nil {
		c.Asked()
	}
	return s.ownDeadline()
}

func (s *Scope) ownDeadline() (deadline time.Time, ok bool) {
	switch p := s.foreignParent(); {
	case p != nil:
		deadline, ok = p.ctx.Deadline()
	case s.kind&detached == 0 && s.up != nil:
		deadline, ok = s.up.ownDeadline()
	}
	if x := s.extra; x != nil && x.timeout != nil {
		if own, has := x.timeout.When(); has && (!ok || own.Before(deadline)) {
			return own, true
		}
	}
	return deadline, ok
}

// String names the scope for debugging.
func (s *Scope) String() string {
	switch x := s.extra; {
	case s.kind&scopeOfTask != 0:
		return "asyncio." + s.task.Name()
	case s.kind&scopeOfThread != 0:
		return "asyncio." + s.task.Name() + ".ToThread"
	case x.group != nil:
		return "asyncio." + s.task.Name() + ".WithTaskGroup"
	default:
		return "asyncio." + s.task.Name() + ".WithTimeout"
	}
}
