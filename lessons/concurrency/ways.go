package concurrency

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// OneAfterAnother is the same dinner with a cook who stands at the stove until a dish is
// ready.
func OneAfterAnother(ctx context.Context) error {
	return asyncio.Run(ctx, oneAfterAnother, lesson.Options(ctx)...)
}

func oneAfterAnother(ctx context.Context) error {
	start := asyncio.RunningLoop(ctx).Now()
	for _, d := range menu(ctx) {
		if err := d.prepare(ctx, alone); err != nil {
			return err
		}
	}
	return serve(ctx, start)
}

// TwoCooks is the same dinner with a cook more: each has a core.
func TwoCooks(ctx context.Context) error {
	return asyncio.Run(ctx, twoCooks, lesson.Options(ctx)...)
}

func twoCooks(ctx context.Context) error {
	cooks := asyncio.NewWorkerPool(2)
	defer cooks.Shutdown(context.WithoutCancel(ctx))
	work := func(ctx context.Context, d time.Duration) error {
		_, err := asyncio.RunInExecutor(ctx, cooks, func(ctx context.Context) (struct{}, error) {
			lesson.Work(ctx, d)
			return struct{}{}, nil
		}).Await(ctx)
		return err
	}
	start := asyncio.RunningLoop(ctx).Now()
	err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for _, d := range menu(ctx) {
			tg.Go(func(ctx context.Context) error { return d.prepare(ctx, work) }, asyncio.Name(d.name))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return serve(ctx, start)
}

// A job is a part of the dinner: work first, and what boils is served after that.
type job struct {
	name       string
	work, boil time.Duration
	serve      time.Duration
	first      string // what is said after the work
}

// menu is what main makes.
func menu(ctx context.Context) []job {
	stove := "on the stove"
	return []job{
		{"rice", 300 * ms, lesson.Duration(ctx, "rice", 3*time.Second), 200 * ms, stove},
		{"vegetables", 500 * ms, lesson.Duration(ctx, "vegetables", 1*time.Second), 200 * ms, stove},
		{"curry", 600 * ms, lesson.Duration(ctx, "curry", 2*time.Second), 200 * ms, stove},
		{"table", lesson.Duration(ctx, "table", 600*ms), 0, 0, "set"},
	}
}

// prepare does a job. Who works is up to work.
func (j job) prepare(ctx context.Context, work func(context.Context, time.Duration) error) error {
	if err := work(ctx, j.work); err != nil {
		return err
	}
	lesson.Println(ctx, j.name+": "+j.first)
	if j.serve == 0 {
		return nil
	}
	if err := asyncio.Sleep(ctx, j.boil); err != nil {
		return err
	}
	if err := work(ctx, j.serve); err != nil {
		return err
	}
	lesson.Println(ctx, j.name+": served")
	return nil
}

// alone is work on the loop.
func alone(ctx context.Context, d time.Duration) error {
	lesson.Work(ctx, d)
	return nil
}

func serve(ctx context.Context, start time.Time) error {
	took := asyncio.RunningLoop(ctx).Now().Sub(start)
	lesson.Printf(ctx, "dinner took %.1f s\n", took.Seconds())
	return nil
}
