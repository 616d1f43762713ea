// Command thumbnails makes small pictures in threads, and shows how far it is.
package main

import (
	"context"
	"log"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
)

func shrink(name string) error { return os.WriteFile(name+".small", nil, 0o644) }

type progress struct {
	done    int
	changed asyncio.Event
}

func (p *progress) show(ctx context.Context, all int) error {
	for p.done < all {
		if err := p.changed.Wait(ctx); err != nil {
			return err
		}
		p.changed.Clear()
		log.Print(p.done, " of ", all)
	}
	return nil
}

func run(ctx context.Context, names []string) error {
	var p progress
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		loop := asyncio.RunningLoop(ctx)
		showing := tg.Go(func(ctx context.Context) error { return p.show(ctx, len(names)) })
		for _, name := range names {
			tg.Go(func(ctx context.Context) error {
				return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
					err := shrink(name)
					p.done++
					p.changed.Set() // want `asyncio.Event.Set is for the loop, but the function that run gives to asyncio.ToThreadFunc calls it on another goroutine.*asyncio-foreign`
					return err
				})
			})
		}
		loop.CallLater(time.Minute, func() {
			if !showing.Done() {
				_ = asyncio.Sleep(ctx, time.Second) // want `asyncio.Sleep suspends a task.*asyncio-callback-suspends`
				showing.Cancel()
			}
		})
		return nil
	})
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { return run(ctx, os.Args[1:]) })
	if err != nil {
		log.Fatal(err)
	}
}
