package foreign

import (
	"context"
	"log"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func good(ctx context.Context, s *state, f *asyncio.Future[int], t *asyncio.Task[int], conn *streams.Conn, peer net.Conn) {
	loop := asyncio.RunningLoop(ctx)
	go func() {
		v := compute()
		_ = loop.CallSoonThreadsafe(func() { _ = f.SetResult(v) })
		_ = loop.CallSoonThreadsafe(s.ended.Set)
		c := asyncio.RunCoroutineThreadsafe(loop, func(ctx context.Context) (int, error) { return 1, s.queue.Put(ctx, 1) })
		if _, err := c.Wait(context.Background()); err != nil {
			log.Print(err)
		}
		log.Print(loop.Now(), loop.Stats(), t.Name())
		if _, err := conn.Write([]byte("a")); err != nil { // any goroutine may
			_ = conn.Close()
		}
		_ = s.ended.OnSet()
		if other, err := streams.Dial(ctx, "tcp", "127.0.0.1:1"); err == nil {
			_ = other.Close()
		}
	}()
	go func() { // a loop of its own
		var done asyncio.Event
		q := asyncio.NewQueue[int](0)
		_ = q.TryPut(1)
		err := asyncio.Run(context.Background(), func(ctx context.Context) error {
			done.Set()
			_, err := q.Get(ctx)
			return err
		})
		log.Print(err, q.Len())
	}()
	go func() {
		items := asyncio.NewQueue[int](0) // no loop knows it yet
		_ = items.TryPut(1)
		_ = loop.CallSoonThreadsafe(func() { s.queue = items })
	}()
	go asyncio.Run(context.Background(), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }) // a program beside this one
	s.ended.Set()
}
