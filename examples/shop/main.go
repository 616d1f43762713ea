// Command shop is a program to look at with the console: requests come, orders wait in a
// queue for workers, mails are sent by a group with a limit, a report is computed in
// threads. It also has three of the mistakes that one looks for: two tasks that take
// two locks, each in its own order, a step that blocks the loop, and a queue that only
// grows.
//
//	ASYNCIO_CONSOLE=1 go run ./examples/shop &
//	go run ./cmd/asyncio top
//
// or, with the page in a browser:
//
//	ASYNCIO_CONSOLE=tcp:127.0.0.1:7070 go run ./examples/shop
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math/rand/v2"
	"time"

	"github.com/asyncio-go/asyncio"
	_ "github.com/asyncio-go/asyncio/console"
)

func main() {
	err := asyncio.Run(context.Background(), open, asyncio.HandleInterrupt(), asyncio.DumpOnQuit())
	if err != nil && !errors.Is(err, asyncio.ErrInterrupted) {
		log.Fatal(err)
	}
}

// A shop is what its tasks share.
type shop struct {
	orders    *asyncio.Queue[int]
	events    *asyncio.Queue[string] // nobody reads it
	db, cache asyncio.Lock
}

// open runs the shop until its context is canceled.
func open(ctx context.Context) error {
	s := &shop{orders: asyncio.NewQueue[int](100), events: asyncio.NewQueue[string](0)}
	s.orders.SetName("orders")
	s.events.SetName("events")
	s.db.SetName("db")
	s.cache.SetName("cache")
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		department := func(name string, open func(tg *asyncio.TaskGroup), opts ...asyncio.GroupOption) {
			tg.Go(func(ctx context.Context) error {
				return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
					open(tg)
					return nil
				}, append(opts, asyncio.GroupName(name))...)
			}, asyncio.Name(name))
		}
		department("http", s.http)
		department("workers", s.workers)
		department("mail", mail, asyncio.Limit(3))
		department("jobs", s.jobs)
		return nil
	}, asyncio.GroupName("shop"))
}

// http has connections that put orders into the queue.
func (s *shop) http(tg *asyncio.TaskGroup) {
	for i := range 12 {
		tg.Go(func(ctx context.Context) error {
			for n := 0; ; n++ {
				if err := asyncio.Sleep(ctx, upTo(600*time.Millisecond)); err != nil {
					return err
				}
				compute(upTo(3 * time.Millisecond))
				if err := s.orders.Put(ctx, n); err != nil {
					return err
				}
				if err := s.events.Put(ctx, fmt.Sprintf("order %d", n)); err != nil {
					return err
				}
			}
		}, asyncio.Name(fmt.Sprintf("conn 10.0.4.%d", 20+7*i)))
	}
}

// workers take orders out of the queue.
func (s *shop) workers(tg *asyncio.TaskGroup) {
	for i := range 8 {
		tg.Go(func(ctx context.Context) error {
			for _, err := range s.orders.All(ctx) {
				if err != nil {
					return err
				}
				compute(upTo(8 * time.Millisecond))
				if err := asyncio.Sleep(ctx, upTo(200*time.Millisecond)); err != nil {
					return err
				}
			}
			return nil
		}, asyncio.Name(fmt.Sprintf("worker %d", i+1)))
	}
}

// mail has more mails to send than its limit allows at once.
func mail(tg *asyncio.TaskGroup) {
	for i := range 5 {
		tg.Go(func(ctx context.Context) error {
			for {
				if err := asyncio.Sleep(ctx, upTo(900*time.Millisecond)); err != nil {
					return err
				}
				compute(upTo(5 * time.Millisecond))
			}
		}, asyncio.Name(fmt.Sprintf("mailer %d", i+1)))
	}
}

// jobs are what runs beside the rest.
func (s *shop) jobs(tg *asyncio.TaskGroup) {
	tg.Go(both(&s.db, &s.cache), asyncio.Name("settle-orders"))
	tg.Go(both(&s.cache, &s.db), asyncio.Name("warm-cache"))
	tg.Go(every(6*time.Second, func(context.Context) error {
		time.Sleep(310 * time.Millisecond) // a mistake: this blocks the loop
		return nil
	}), asyncio.Name("audit"))
	for i := range 2 {
		tg.Go(every(300*time.Millisecond, func(ctx context.Context) error {
			return asyncio.ToThreadFunc(ctx, func(context.Context) error {
				time.Sleep(upTo(900 * time.Millisecond)) // in a thread one may
				return nil
			})
		}), asyncio.Name(fmt.Sprintf("report %d", i+1)))
	}
}

// both takes two locks, one after the other. Who takes them in another order waits for
// this task, and this task for the other: a mistake.
func both(first, second *asyncio.Lock) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		return first.With(ctx, func() error {
			if err := asyncio.Sleep(ctx, 3*time.Second); err != nil {
				return err
			}
			return second.With(ctx, func() error { return nil })
		})
	}
}

// every does something again and again.
func every(d time.Duration, do func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		for {
			if err := asyncio.Sleep(ctx, d); err != nil {
				return err
			}
			if err := do(ctx); err != nil {
				return err
			}
		}
	}
}

// compute keeps the processor busy.
func compute(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

func upTo(d time.Duration) time.Duration { return rand.N(d) }
