package asyncio_test

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/config"
)

// reported hands out what the exception handler of a loop is told.
type reported chan asyncio.ExceptionContext

func (r reported) option() asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) { r <- c })
}

// expect waits for a report whose text has all these words.
func (r reported) expect(t *testing.T, words ...string) asyncio.ExceptionContext {
	t.Helper()
	c := asynctest.Receive(t, r)
	for _, w := range words {
		if !strings.Contains(c.String(), w) {
			t.Errorf("the report does not say %q:\n%v", w, c)
		}
	}
	return c
}

// A store is what a program guards with a mutex.
type store struct {
	name string
	mu   sync.Mutex
	sum  int
}

//go:noinline
func (s *store) get() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum
}

// freeOnReport lets a test go on that is stuck, once that has been reported.
func freeOnReport(t *testing.T, free func(), words ...string) asyncio.Option {
	return asyncio.OnException(func(c asyncio.ExceptionContext) {
		for _, w := range words {
			if !strings.Contains(c.String(), w) {
				t.Errorf("the report does not say %q:\n%v", w, c)
			}
		}
		free()
	})
}

func TestStallSaysForWhatItWaits(t *testing.T) {
	asynctest.NothingIsLeft(t)
	came := make(chan int)
	err := asyncio.Run(t.Context(), func(context.Context) error {
		receivesHere(came)
		return nil
	}, asyncio.SlowStep(threshold), freeOnReport(t, sync.OnceFunc(func() { close(came) }),
		"task Task-1 has kept the loop", "wait for a channel with Receive or Send", "it waits outside the loop: chan receive in asyncio_test.receivesHere (stall_test.go:"))
	asynctest.ExpectNil(t, err)
}

//go:noinline
func receivesHere(c chan int) { <-c }

func TestStallSaysWhoSeemsToHoldTheMutex(t *testing.T) {
	asynctest.NothingIsLeft(t)
	s := &store{name: "orders"}
	unlock := sync.OnceFunc(s.mu.Unlock) // as no task can while the loop is stuck
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			holdsForGood(ctx, s)
			return nil
		})
		_ = asyncio.Yield(ctx)
		s.get()
		return nil
	}, asyncio.SlowStep(threshold), freeOnReport(t, unlock,
		"what is held across a suspension must be a Lock", "it waits outside the loop: sync.Mutex.Lock in asyncio_test.(*store).get (stall_test.go:",
		"a suspended task seems to hold that mutex: goroutine ", "asyncio_test.holdsForGood"))
	asynctest.ExpectNil(t, err)
}

//go:noinline
func holdsForGood(ctx context.Context, s *store) {
	s.mu.Lock()
	_ = asyncio.Sleep(ctx, time.Hour)
	s.name = ""
}

//go:noinline
func (b *board) read() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sum
}

// A board is what a program guards with a mutex of readers and writers.
type board struct {
	mu  sync.RWMutex
	sum int
}

func TestStallSaysWhoSeemsToHoldTheRWMutex(t *testing.T) {
	asynctest.NothingIsLeft(t)
	b := new(board)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error {
			writesForGood(ctx, b)
			return nil
		})
		_ = asyncio.Yield(ctx)
		b.read()
		return nil
	}, asyncio.SlowStep(threshold), freeOnReport(t, sync.OnceFunc(b.mu.Unlock),
		"it waits outside the loop: sync.RWMutex.RLock in asyncio_test.(*board).read (stall_test.go:",
		"a suspended task seems to hold that mutex: goroutine ", "asyncio_test.writesForGood"))
	asynctest.ExpectNil(t, err)
}

//go:noinline
func writesForGood(ctx context.Context, b *board) {
	b.mu.Lock()
	_ = asyncio.Sleep(ctx, time.Hour)
	b.sum = 0
}

func TestStallSaysWhoWaitsForTheLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	answer := make(chan int, 1)
	var outside sync.WaitGroup
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		outside.Go(func() { asksTheLoop(l) })
		receivesHere(answer)
		return nil
	},
		asyncio.SlowStep(-1), // it is reported all the same
		config.Func(func(c *config.Config) { c.WaitLimit = threshold }),
		freeOnReport(t, sync.OnceFunc(func() { answer <- 1 }),
			"deadlock: task Task-1 has kept the loop", "chan receive",
			"this waits for the loop: goroutine ", "asyncio_test.asksTheLoop", " in asyncio.RunOn",
			"neither will ever go on"))
	asynctest.ExpectNil(t, err)
	outside.Wait()
}

// A step that works keeps others waiting, and will end.
func TestAStepThatWorksIsNoDeadlock(t *testing.T) {
	asynctest.NothingIsLeft(t)
	var outside sync.WaitGroup
	var seen atomic.Bool
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := asyncio.RunningLoop(ctx)
		outside.Go(func() { asksTheLoop(l) })
		for !seen.Load() {
		}
		return nil
	},
		asyncio.SlowStep(-1),
		config.Func(func(c *config.Config) { c.WaitLimit = threshold }),
		asyncio.OnException(func(c asyncio.ExceptionContext) {
			if strings.Contains(c.Message, "deadlock") || !strings.Contains(c.Details, "this waits for the loop: goroutine ") {
				t.Errorf("the report is %v", c)
			}
			seen.Store(true)
		}))
	asynctest.ExpectNil(t, err)
	outside.Wait()
}

//go:noinline
func asksTheLoop(l *asyncio.Loop) {
	_, _ = asyncio.RunOn(context.Background(), l, asynctest.Value(1)) // the loop may end before
}

// A handler that logs through a connection of the loop waits for it as well.
func TestStallWhoseHandlerWaitsForTheLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	loop, called := make(chan *asyncio.Loop, 1), make(chan error, 2)
	ask := sync.OnceFunc(func() {
		called <- nil
		_, err := asyncio.RunOn(context.Background(), <-loop, asynctest.Value(1))
		called <- err
	})
	err := asynctest.Run(t.Context(), func(ctx context.Context) error {
		loop <- asyncio.RunningLoop(ctx)
		return asynctest.Receive(t, called) // and so it ends before the handler
	}, asyncio.SlowStep(threshold), asyncio.OnException(func(asyncio.ExceptionContext) { ask() }))
	asynctest.ExpectNil(t, err)
	t.Logf("RunOn returned %v", asynctest.Receive(t, called)) // the loop may have ended before
}

// What nothing waits for, and no threshold forbids, is not reported.
func TestStallCanBeTurnedOff(t *testing.T) {
	asynctest.NothingIsLeft(t)
	r := make(reported, 16)
	other := asyncio.NewRunner(asyncio.SlowStep(threshold), r.option())
	defer func() { _ = other.Close() }()
	err := asyncio.Run(t.Context(), func(context.Context) error {
		done := make(chan error)
		go func() { // a loop beside this one, which is reported while both are stuck
			done <- other.Run(t.Context(), func(context.Context) error {
				r.expect(t, "Task-1")
				return nil
			})
		}()
		return <-done
	}, asyncio.SlowStep(-1), asyncio.OnException(func(c asyncio.ExceptionContext) { t.Errorf("reported: %v", c) }))
	asynctest.ExpectNil(t, err)
}

func TestStallOfALoopThatHasSlept(t *testing.T) {
	asynctest.NothingIsLeft(t)
	r := make(reported, 16)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		for range 3 {
			if err := asyncio.Sleep(ctx, 20*threshold); err != nil { // the watchdog sleeps as well, if the machine lets it
				return err
			}
			r.expect(t, "Task-1 has kept the loop")
		}
		return nil
	}, asyncio.SlowStep(threshold), r.option())
	asynctest.ExpectNil(t, err)
}

func TestASlowStepAmongMany(t *testing.T) {
	asynctest.NothingIsLeft(t)
	r := make(reported, 16)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		task := asyncio.Go(ctx, func(ctx context.Context) error {
			letPass(ctx, 50)
			r.expect(t, "task culprit has kept the loop")
			return nil
		}, asyncio.Name("culprit"))
		for !task.Done() {
			_ = asyncio.Yield(ctx)
		}
		return nil
	}, asyncio.SlowStep(5*threshold), r.option())
	asynctest.ExpectNil(t, err)
}
