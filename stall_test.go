package asyncio_test

import (
	"context"
	"runtime"
	"slices"
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
	return asyncio.OnException(func(c asyncio.ExceptionContext) { r <- c }) //asyncio:ok channel it has room for all reports
}

// expect waits for a report whose text has all these words. On a machine that is busy
// with something else, other steps may be reported as well.
func (r reported) expect(t *testing.T, words ...string) {
	t.Helper()
	for {
		c := asynctest.Receive(t, r)
		if t.Failed() || len(missing(c, words)) == 0 {
			return
		}
		t.Logf("another report: %v", c)
	}
}

// missing returns those of the words which the text of a report does not have.
func missing(c asyncio.ExceptionContext, words []string) []string {
	text := c.String()
	return slices.DeleteFunc(slices.Clone(words), func(w string) bool { return strings.Contains(text, w) })
}

// A store is what a program guards with a mutex.
type store struct {
	name string
	mu   sync.Mutex
	held atomic.Bool // by a suspended task
	sum  int
}

//go:noinline
func (s *store) get() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sum
}

// expectStuck gets stuck in a step, until a report frees it, again and again until a
// report has all these words: on a busy machine, a step may be reported before it comes
// to where it gets stuck. Free is called for each report, on any goroutine.
func expectStuck(t *testing.T, stuck func(ctx context.Context), free func(), words []string, opts ...asyncio.Option) {
	t.Helper()
	asynctest.NothingIsLeft(t)
	defer time.AfterFunc(asynctest.Patience, free).Stop()
	var said atomic.Bool
	take := asyncio.OnException(func(c asyncio.ExceptionContext) {
		if lacks := missing(c, words); len(lacks) == 0 {
			said.Store(true)
		} else {
			t.Logf("a report does not say %q:\n%v", lacks, c)
		}
		free()
	})
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		for start := time.Now(); !said.Load(); _ = asyncio.Yield(ctx) {
			if stuck(ctx); time.Since(start) >= asynctest.Patience {
				t.Errorf("no report says %q", words)
				return nil
			}
		}
		return nil
	}, append(opts, take)...)
	asynctest.ExpectNil(t, err)
}

// send sends what frees the one who receives it, unless that has been sent already.
func send(c chan<- int) {
	select {
	case c <- 1:
	default:
	}
}

func TestStallSaysForWhatItWaits(t *testing.T) {
	came := make(chan int, 1)
	expectStuck(t, func(context.Context) { receivesHere(came) }, func() { send(came) }, []string{
		"task Task-1 has kept the loop", "wait for a channel with Receive or Send",
		"it waits outside the loop: chan receive in asyncio_test.receivesHere (stall_test.go:",
	}, asyncio.SlowStep(threshold))
}

//go:noinline
func receivesHere(c chan int) { <-c }

func TestStallSaysWhoSeemsToHoldTheMutex(t *testing.T) {
	s := &store{name: "orders"}
	unlock := func() { // as no task can while the loop is stuck
		if s.held.CompareAndSwap(true, false) {
			s.mu.Unlock()
		}
	}
	expectStuck(t, func(ctx context.Context) {
		asyncio.Go(ctx, func(ctx context.Context) error {
			holdsForGood(ctx, s)
			return nil
		})
		_ = asyncio.Yield(ctx)
		s.get()
	}, unlock, []string{
		"what is held across a suspension must be a Lock",
		"it waits outside the loop: sync.Mutex.Lock in asyncio_test.(*store).get (stall_test.go:",
		"a suspended task seems to hold that mutex: goroutine ", "asyncio_test.holdsForGood",
	}, asyncio.SlowStep(threshold))
}

//go:noinline
func holdsForGood(ctx context.Context, s *store) {
	s.mu.Lock()
	s.held.Store(true)
	_ = asyncio.Sleep(ctx, time.Hour) //asyncio:ok mutex-across that this blocks the loop is what the report is about
	s.name = ""
}

// A board is what a program guards with a mutex of readers and writers.
type board struct {
	mu   sync.RWMutex
	held atomic.Bool // by a suspended task
	sum  int
}

//go:noinline
func (b *board) read() int {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.sum
}

func TestStallSaysWhoSeemsToHoldTheRWMutex(t *testing.T) {
	b := new(board)
	unlock := func() { // as no task can while the loop is stuck
		if b.held.CompareAndSwap(true, false) {
			b.mu.Unlock()
		}
	}
	expectStuck(t, func(ctx context.Context) {
		asyncio.Go(ctx, func(ctx context.Context) error {
			writesForGood(ctx, b)
			return nil
		})
		_ = asyncio.Yield(ctx)
		b.read()
	}, unlock, []string{
		"it waits outside the loop: sync.RWMutex.RLock in asyncio_test.(*board).read (stall_test.go:",
		"a suspended task seems to hold that mutex: goroutine ", "asyncio_test.writesForGood",
	}, asyncio.SlowStep(threshold))
}

//go:noinline
func writesForGood(ctx context.Context, b *board) {
	b.mu.Lock()
	b.held.Store(true)
	_ = asyncio.Sleep(ctx, time.Hour) //asyncio:ok mutex-across that this blocks the loop is what the report is about
	b.sum = 0
}

func TestStallSaysWhoWaitsForTheLoop(t *testing.T) {
	answer := make(chan int, 1)
	var outside sync.WaitGroup
	expectStuck(t, func(ctx context.Context) {
		l := asyncio.RunningLoop(ctx)
		outside.Go(func() { asksTheLoop(l) })
		receivesHere(answer)
	}, func() { send(answer) }, []string{
		"deadlock: task Task-1 has kept the loop", "chan receive",
		"this waits for the loop: goroutine ", "asyncio_test.asksTheLoop", " in asyncio.RunOn",
		"neither will ever go on",
	},
		asyncio.SlowStep(-1), // it is reported all the same
		config.Func(func(c *config.Config) { c.WaitLimit = threshold }))
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
			runtime.Gosched() // on one thread nobody else would look
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
		return <-done //asyncio:ok channel the step is to block, and nothing is to be reported
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
