package iteration

import (
	"context"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func handle(int) {}

func drain(ctx context.Context, q *asyncio.Queue[int]) error {
	for item := range q.All(ctx) { // want `^the range over asyncio.Queue.All leaves its error aside: a loop that was cut short, by a cancellation or a failure, looks finished; use the second variable \(asyncio-dropped-iteration-error\)$`
		handle(item)
	}
	for item, _ := range q.All(ctx) { // want `asyncio.Queue.All`
		handle(item)
	}
	for range asyncio.Every(ctx, time.Second) { // want `asyncio.Every`
		handle(1)
	}
	for range asyncio.Signals(ctx, os.Interrupt) { // want `asyncio.Signals`
		break
	}
	return nil
}

func lines(r *streams.Reader) (n int, err error) {
	for line := range r.Lines() { // want `streams.Reader.Lines`
		n += len(line)
	}
	return n, nil
}

func results(ctx context.Context, cs []asyncio.Awaitable[int], news *asyncio.Subscriber[int], w *asyncio.Watch[int], s *asyncio.TaskSet[int]) error {
	all := asyncio.AsCompleted(ctx, cs...)
	for v := range all { // want `asyncio.AsCompleted`
		handle(v)
	}
	var err error
	for v := range news.All(ctx) { // want `asyncio.Subscriber.All`
		err = asyncio.Sleep(ctx, time.Duration(v))
	}
	var value int
	for value = range w.Changes(ctx) { // want `asyncio.Watch.Changes`
		handle(value)
	}
	for t := range s.All(ctx) { // want `asyncio.TaskSet.All`
		t.Cancel()
	}
	return err
}
