package engine

import "context"

// A ThreadScope is the scope of a function that runs on another goroutine: its
// context is canceled with the one on which it was opened, and when the function
// has returned. To open one takes no more than a place in the tree.
type ThreadScope struct {
	scope  Scope
	cancel context.CancelFunc // cancels a context of package context that is used in place of scope; nil: scope is used
}

// Open opens the scope on ctx and returns its context. If a context of package context
// can cancel ctx, the function has to learn of that even while the loop is busy; so its
// own context is then one of that package, too. Loop only.
func (s *ThreadScope) Open(ctx context.Context) context.Context {
	at := inspect(ctx)
	if at.foreign != nil {
		ctx, s.cancel = context.WithCancel(ctx)
		return ctx
	}
	s.scope.kind = scopeOfThread
	s.scope.open(ctx, at.scope, TaskOf(ctx), nil, nil)
	return &s.scope
}

// End cancels the context: the function has returned. Any goroutine may call it.
// Waits for the context on the loop learn of it when Close is called.
func (s *ThreadScope) End() {
	if s.cancel != nil {
		s.cancel()
		return
	}
	s.scope.become(scopeCanceled) // if the loop has not swept it
}

// Close ends the scope, if End has not, and takes it out of the tree. It may be
// called again. Loop only.
func (s *ThreadScope) Close() {
	s.End()
	if s.cancel == nil {
		s.scope.deliver()
		s.scope.leave()
	}
}
