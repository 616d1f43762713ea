package asynciotest

import (
	"context"
	"sync"
)

// Outside announces that something outside the loop will reach it: a goroutine
// of the program that will call CallSoonThreadsafe or RunCoroutineThreadsafe, or
// a signal. Until done is called, the clock does not jump, as with functions in threads,
// and no deadlock is reported. Any goroutine may call Outside and done.
func Outside(ctx context.Context) (done func()) {
	s := sessionOf(ctx, "Outside")
	s.world.Outside(1)
	return sync.OnceFunc(func() {
		s.world.Outside(-1)
		_ = s.world.Wake() // it may be time for the report of a deadlock
	})
}
