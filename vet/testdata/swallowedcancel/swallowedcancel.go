package swallowedcancel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
)

type job struct{ id int }

func (j *job) run(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }

func tick(ctx context.Context) error {
	for {
		asyncio.Sleep(ctx, time.Second) // want `^the loop in tick goes on when asyncio.Sleep fails: once the context is canceled, each wait fails at once, and the loop spins for ever; return the error \(asyncio-swallowed-cancel\)$`
		fmt.Println("tick")
	}
}

func worker(ctx context.Context, jobs *asyncio.Queue[*job]) error {
	for {
		j, err := jobs.Get(ctx) // want `goes on when asyncio.Queue.Get fails`
		if err != nil {
			log.Println("no job:", err)
			continue
		}
		if err := j.run(ctx); err != nil {
			return err
		}
	}
}

func forms(ctx context.Context, jobs *asyncio.Queue[*job], stop *bool, j *job) error {
	for !*stop {
		_ = asyncio.Sleep(ctx, time.Second) // want `goes on`
	}
	for {
		if err := j.run(ctx); err == nil { // want `goes on when job.run fails`
			break
		}
	}
	for {
		err := j.run(ctx) // want `goes on`
		if errors.Is(err, io.EOF) {
			return nil
		}
	}
}

func ignoresTheError(ctx context.Context, j *job) error {
	for {
		err := j.run(ctx) // want `goes on`
		if err == io.EOF {
			return nil
		}
		if errors.Is(err, asyncio.ErrCanceled) {
			continue
		}
		if err != nil {
			return err
		}
	}
}

// retry is reported once, at the error that is dropped.
func retry(ctx context.Context, j *job) error {
	for {
		err := j.run(ctx)
		if err == nil {
			return nil
		}
		_ = asyncio.Sleep(ctx, time.Second) // want `goes on when asyncio.Sleep fails`
	}
}

// What follows is right.

func good(ctx context.Context, jobs *asyncio.Queue[*job]) error {
	for {
		j, err := jobs.Get(ctx)
		if err != nil {
			return err
		}
		if err := j.run(ctx); err != nil { // the Get fails next
			log.Println(err)
			continue
		}
	}
}

func goodRetry(ctx context.Context, j *job) (err error) {
	for delay := time.Second; ; delay *= 2 {
		if err = j.run(ctx); err == nil {
			return nil
		}
		if err := asyncio.Sleep(ctx, delay); err != nil {
			return fmt.Errorf("in a retry: %w", err)
		}
	}
}

func bounded(ctx context.Context, j *job, all []*job) error {
	for range 3 {
		_ = j.run(ctx)
	}
	for i := 0; i < 3; i++ {
		_ = j.run(ctx)
	}
	for _, j := range all {
		_ = j.run(ctx)
	}
	for range map[int]int{1: 1} {
		_ = j.run(ctx)
	}
	attempts := 0
	for {
		if j.run(ctx) == nil {
			return nil
		}
		if attempts++; attempts > 3 {
			return errors.New("too many")
		}
	}
}

func asks(ctx context.Context, j *job) error {
	for ctx.Err() == nil {
		_ = j.run(ctx)
	}
	for {
		_ = j.run(ctx)
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

func asksDone(ctx context.Context, j *job) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		default:
		}
		_ = j.run(ctx)
	}
}

func asksTheError(ctx context.Context, j *job) error {
	for {
		err := j.run(ctx)
		switch {
		case errors.Is(err, asyncio.ErrCanceled):
			return err
		case err != nil:
			log.Print(err)
		}
	}
}

func asksAnother(ctx context.Context, j *job) error {
	for {
		if err := j.run(ctx); err != nil && !isTemporary(err) {
			return err
		}
	}
}

func isTemporary(err error) bool { return errors.Is(err, io.EOF) }

func ownContext(ctx context.Context, j *job) error {
	for {
		err := func() error {
			ctx, cancel := context.WithTimeout(ctx, time.Second)
			defer cancel()
			return j.run(ctx)
		}()
		if errors.Is(err, context.DeadlineExceeded) {
			continue
		}
		if err != nil {
			return err
		}
	}
}

func withTimeout(ctx context.Context, j *job) error {
	for {
		err := asyncio.WithTimeout(ctx, time.Second, j.run)
		if errors.Is(err, asyncio.ErrTimeout) {
			continue
		}
		return err
	}
}

func inContext(ctx context.Context, j *job) {
	for {
		c, cancel := context.WithTimeout(ctx, time.Second)
		_ = j.run(c)
		cancel()
	}
}

func withoutCancel(ctx context.Context, j *job) {
	ctx = context.WithoutCancel(ctx)
	for {
		_ = j.run(ctx)
	}
}

func ranges(ctx context.Context, jobs *asyncio.Queue[*job]) error {
	for j, err := range jobs.All(ctx) {
		if err != nil {
			return err
		}
		_ = j.run(ctx)
	}
	return nil
}

func values(ctx context.Context, jobs *asyncio.Queue[*job]) {
	for {
		j, _ := jobs.Get(ctx)
		if j == nil {
			return
		}
	}
}

type state struct{ err error }

func stored(ctx context.Context, j *job, s *state) {
	for s.err == nil {
		s.err = j.run(ctx)
	}
}

func captured(ctx context.Context, j *job) (err error) {
	defer func() { log.Print(err) }()
	for {
		err = j.run(ctx)
		if err != nil {
			return err
		}
	}
}

func selects(ctx context.Context, stopped *asyncio.Event, jobs *asyncio.Queue[*job]) error {
	for {
		var j *job
		switch i, err := asyncio.Select(ctx, stopped.OnSet(), jobs.OnGet(&j)); {
		case err != nil:
			return err
		case i == 0:
			return nil
		}
	}
}

func polls(ctx context.Context, stop *bool) {
	for !*stop {
		_ = asyncio.Yield(ctx) // want `asyncio-busy-wait`
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func tellsOthers(ctx context.Context, j *job, stop *bool) {
	for !*stop {
		must(j.run(ctx))
	}
}

func backsOff(ctx context.Context, j *job) {
	for d := time.Second; d > 0; d /= 2 {
		_ = asyncio.Sleep(ctx, d)
	}
}

func untilADeadline(ctx context.Context, j *job, deadline time.Time) {
	for time.Now().Before(deadline) {
		_ = j.run(ctx)
	}
	for start := time.Now(); time.Since(start) < time.Minute; {
		_ = j.run(ctx)
	}
}

// yields does its work whether it is canceled or not, and ends with that.
func yields(ctx context.Context, work func() bool) {
	for {
		if !work() {
			return
		}
		_ = asyncio.Yield(ctx)
	}
}

func yieldsForEver(ctx context.Context, work func()) {
	for {
		work()
		_ = asyncio.Yield(ctx) // want `goes on when asyncio.Yield fails`
	}
}
