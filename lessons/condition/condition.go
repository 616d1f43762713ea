// Package condition is a lesson: to wait until something is so.
package condition

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

type shelf struct {
	asyncio.Condition // a lock for the loaves, with a bell
	loaves            int
}

func (s *shelf) customer(name string, n int) func(context.Context) error {
	return func(ctx context.Context) error {
		lesson.Println(ctx, name, "wants", n)
		enough := func() bool { return s.loaves >= n }
		return s.With(ctx, func() error { // with the lock
			//tour:focus
			err := s.WaitFor(ctx, enough) // lets go of it until a ring
			//tour:end
			if err == nil {
				s.loaves -= n
				lesson.Println(ctx, name, "buys", n)
			}
			return err
		})
	}
}

func main(ctx context.Context) error {
	ada, bob := lesson.Int(ctx, "Ada", 2), lesson.Int(ctx, "Bob", 1)
	bakes := lesson.Duration(ctx, "bakes", 500*time.Millisecond)
	s := new(shelf)
	t1 := asyncio.Go(ctx, s.customer("Ada", ada), asyncio.Name("Ada"))
	t2 := asyncio.Go(ctx, s.customer("Bob", bob), asyncio.Name("Bob"))
	for range ada + bob {
		if err := asyncio.Sleep(ctx, bakes); err != nil {
			return err
		}
		//tour:focus
		_ = s.With(ctx, func() error {
			s.loaves++
			lesson.Println(ctx, "a loaf is ready")
			s.NotifyAll() // rings: who waits looks whether it is so
			return nil
		})
		//tour:end
	}
	_, err := asyncio.Gather(ctx, t1, t2)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
