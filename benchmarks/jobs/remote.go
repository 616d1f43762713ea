package main

import (
	"context"
	"os/signal"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
)

func serveNATS(o order) error {
	s, err := embedded.Start(o.Dir)
	if err != nil {
		return err
	}
	ready(s.URL())
	return s.Close()
}

var answers = remote.Define("answer", func(_ context.Context, q question) (answer, error) { return q.answer(), nil })

func workRemote(o order) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	return asyncio.Run(ctx, func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, o.URL)
		if err != nil {
			return err
		}
		defer nc.Close()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, g *asyncio.TaskGroup) error {
			serving := g.Go(func(ctx context.Context) error {
				return remote.Serve(ctx, nc, []remote.Registered{answers}, remote.Parallel(o.Parallel))
			})
			_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { ready("ready"); return struct{}{}, nil })
			serving.Cancel()
			return err
		})
	})
}

func runRemote(o order) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		x, err := remote.Connect(ctx, o.URL, remote.Window(window))
		if err != nil {
			return err
		}
		defer func() { _ = x.Close() }() // all jobs have ended
		var t tally
		start := time.Now()
		for a, err := range answers.Map(ctx, x, questions(o.Jobs)) {
			if err != nil {
				return err
			}
			t.add(a)
		}
		if err := t.check(o.Jobs); err != nil {
			return err
		}
		return report(result{Jobs: o.Jobs, Seconds: seconds(start)})
	})
}
