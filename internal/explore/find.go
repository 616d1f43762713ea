package explore

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A Config says how Find explores. The zero Config has the defaults.
type Config struct {
	Strategy Strategy // nil: Mixed
	Seed     uint64   // of all chance; 0: 1
	Runs     int      // at most so many; 0: 200. Exhaustive has a limit of its own
	Options  []asyncio.Option
}

const (
	defaultRuns = 200
	defaultSeed = 1
)

// A Result is what Find has found.
type Result struct {
	Runs    int
	All     bool     // by Exhaustive: there are no other orders
	Failure *Failure // nil: none of the runs failed
}

// A Failure is a run that failed.
type Failure struct {
	Err      error
	Run      int    // its number, from 1; 0: it was a replay
	Strategy string // the name of what has made its order
	Schedule string // the word with which Replay makes it again
	timeline *Timeline
}

// WriteStory writes the last steps of the tasks, at most the given number, as a table.
// After a deadlock it ends with the last step before that.
func (f *Failure) WriteStory(w io.Writer, most int) { f.timeline.Write(w, most) }

// Find runs a program again and again, each time in another order, until a run fails: when
// the program returns an error or panics, when something comes to the exception handler, or
// when there is a deadlock. Each run has a loop of its own, whose clock is virtual. The
// program itself has to reset what it changes outside of the loop.
//
// Find blocks until then, and must not be called on a loop. The error that it returns is
// not one of the program: ctx was canceled, it was called on a loop, or, with Exhaustive,
// a run did not follow the one before.
func Find(ctx context.Context, program func(ctx context.Context) error, c Config) (Result, error) {
	s := NewSearch(cmp.Or(c.Strategy, Mixed), cmp.Or(c.Seed, defaultSeed))
	most, bounded := s.Most()
	if !bounded {
		most = cmp.Or(c.Runs, defaultRuns)
	}
	for most < 0 || s.Runs() < most {
		r := s.Next()
		if r == nil {
			break
		}
		failed, err := c.run(ctx, r, program)
		switch {
		case err != nil:
			return Result{Runs: s.Runs()}, err
		case failed != nil:
			failed.Run, failed.Strategy = s.Runs(), s.Strategy()
			return Result{Runs: s.Runs(), Failure: failed}, nil
		case s.Diverged() != "":
			return Result{Runs: s.Runs()}, fmt.Errorf("asyncio: a run did not follow the one before: %s; take all chance and all time from the loop", s.Diverged())
		}
	}
	return Result{Runs: s.Runs(), All: bounded && s.Left() == 0}, nil
}

// Replay runs a program once, in the order of a failure that Find has found. The Failure
// is nil if the program did not fail this time. The error is ErrNoSchedule, or says where
// the program did not follow the order.
func Replay(ctx context.Context, word string, program func(ctx context.Context) error, c Config) (*Failure, error) {
	s, err := ParseSchedule(word)
	if err != nil {
		return nil, err
	}
	r := NewReplay(s)
	failed, err := c.run(ctx, r, program)
	if d := r.Divergence(); d != "" && err == nil {
		err = fmt.Errorf("asyncio: the replay went another way: %s; has the program changed?", d)
	}
	return failed, err
}

// run runs a program once.
func (c Config) run(ctx context.Context, r *Run, program func(ctx context.Context) error) (*Failure, error) {
	e := &execution{run: r, program: program}
	err := e.end(ctx, c.Options)
	switch {
	case errors.Is(err, asyncio.ErrLoopRunning):
		return nil, err
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case err == nil:
		return nil, nil
	}
	return &Failure{Err: err, Schedule: r.Schedule().String(), timeline: r.Timeline}, nil
}

// An execution is one run of a program, from its beginning to its end.
type execution struct {
	run      *Run
	program  func(ctx context.Context) error
	ctx      context.Context // of the main task
	reported error           // the first error that came to the exception handler
}

// patience is how long the clock stands still for functions in threads from which nothing
// comes.
const patience = time.Second

// end runs the program to its end and returns its error. A panic, which was reported, is
// returned as an error, too, and does not end the process.
func (e *execution) end(ctx context.Context, opts []asyncio.Option) (err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
			err = cmp.Or(err, e.reported)
		case *asyncio.PanicError:
			err = p
		default:
			panic(p)
		}
	}()
	world := &virtual.World{Picker: e.run.Picker, Patience: patience, Stuck: e.deadlock}
	all := append([]asyncio.Option{asyncio.OnException(e.report), asyncio.SlowStep(-1)}, opts...)
	all = append(all, asyncio.Observe(e.run.Timeline.Hooks()), world.Option())
	return asyncio.Run(ctx, func(ctx context.Context) error {
		e.ctx = ctx
		return e.program(ctx)
	}, all...)
}

func (e *execution) report(c asyncio.ExceptionContext) {
	if e.reported == nil {
		e.reported = errors.New(c.Message)
		if c.Err != nil {
			e.reported = fmt.Errorf("%s: %w", c.Message, c.Err)
		}
	}
}

// ErrDeadlock is the error of a run in which no task could go on.
var ErrDeadlock = errors.New("asyncio: deadlock")

// deadlock is called by the world, on the loop, when nothing can go on. The tasks are
// ended by force, so that errors which they would return when they are canceled do not
// hide the deadlock.
func (e *execution) deadlock() error {
	engine.LoopOf(e.ctx).Abandoned = true
	e.run.Timeline.Freeze()
	var waits []string
	for _, t := range asyncio.AllTasks(e.ctx) {
		waits = append(waits, fmt.Sprintf("%s waits for %s", t.Name, t.WaitingOn))
	}
	return fmt.Errorf("%w: %s, and nothing can wake them", ErrDeadlock, strings.Join(waits, ", "))
}
