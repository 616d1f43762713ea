package ecosystem

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/ecosystem/internal/servers"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// These compare the ways to use a library with goroutines on package net, which do the
// same calls with the same pool, in turns of one process: what else the machine does
// meanwhile is about the same for all. So the ratios are worth more than the numbers.

const (
	benchTasks = 40
	benchPool  = 10
	benchTurn  = 4000 // calls of one way before it is the next one's turn
)

// A contender is a way to make calls.
type contender struct {
	name string
	run  func(ctx context.Context, call func(ctx context.Context) error) error
	call func(ctx context.Context) error
}

// compareWays lets the contenders do their calls in turns, b.N rounds of them, and reports
// medians of the rounds. The first is what the others are compared with.
func compareWays(ctx context.Context, b *testing.B, contenders ...contender) {
	b.Helper()
	rates, ratios := make([][]float64, len(contenders)), make([][]float64, len(contenders))
	for b.Loop() {
		round := len(rates[0])
		for i := range contenders {
			i = (i + round) % len(contenders) // the first in one round is the last in the next
			start := time.Now()
			if err := contenders[i].run(ctx, contenders[i].call); err != nil {
				b.Fatalf("%s: %v", contenders[i].name, err)
			}
			rates[i] = append(rates[i], benchTurn/time.Since(start).Seconds())
		}
		for i := range contenders {
			ratios[i] = append(ratios[i], rates[i][round]/rates[0][round])
		}
	}
	for i, c := range contenders {
		b.ReportMetric(median(rates[i]), c.name+"/s")
		if i > 0 {
			b.ReportMetric(median(ratios[i]), c.name+"/"+contenders[0].name)
		}
	}
	b.ReportMetric(0, "ns/op") // a round of all of them
}

func median(figures []float64) float64 {
	slices.Sort(figures)
	return figures[len(figures)/2]
}

// inGoroutines makes the calls in goroutines, while the loop waits for them.
func inGoroutines(ctx context.Context, call func(ctx context.Context) error) error {
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		var running sync.WaitGroup
		errs := make([]error, benchTasks)
		for i := range errs {
			running.Go(func() { errs[i] = repeatCall(ctx, call) })
		}
		running.Wait()
		for _, err := range errs {
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// inTasks makes the calls in tasks.
func inTasks(ctx context.Context, call func(ctx context.Context) error) error {
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range benchTasks {
			tg.Go(func(ctx context.Context) error { return repeatCall(ctx, call) })
		}
		return nil
	})
}

func repeatCall(ctx context.Context, call func(ctx context.Context) error) error {
	for range benchTurn / benchTasks {
		if err := call(ctx); err != nil {
			return err
		}
	}
	return nil
}

// allWays are the contenders of a library whose direct calls need a gate.
func allWays(plain, onLoop func(ctx context.Context) error) []contender {
	gate := asyncio.NewSemaphore(benchPool)
	return []contender{
		{"goroutines", inGoroutines, plain},
		{"direct", inTasks, func(ctx context.Context) error {
			return gate.With(ctx, func() error { return onLoop(ctx) })
		}},
		{"ToThread", inTasks, func(ctx context.Context) error { return asyncio.ToThreadFunc(ctx, plain) }},
	}
}

func runBench(b *testing.B, main func(ctx context.Context) error) {
	b.Helper()
	if err := asyncio.Run(b.Context(), main); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkRedis(b *testing.B) {
	url := servers.OrSkip(b, servers.Redis)
	client := func(set func(*redis.Options)) *redis.Client {
		opts, err := redis.ParseURL(url)
		if err != nil {
			b.Fatal(err)
		}
		opts.PoolSize = benchPool
		set(opts)
		return redis.NewClient(opts)
	}
	get := func(c *redis.Client) func(ctx context.Context) error {
		return func(ctx context.Context) error { return c.Echo(ctx, "hello").Err() }
	}
	runBench(b, func(ctx context.Context) error {
		plain, shared := client(inThreadOptions), client(onLoopOptions(ctx))
		defer plain.Close()
		defer shared.Close()
		compareWays(ctx, b, allWays(get(plain), get(shared))...)
		return nil
	})
}

func BenchmarkPgxpool(b *testing.B) {
	url := servers.OrSkip(b, servers.Postgres)
	pool := func(ctx context.Context, dial dialer) *pgxpool.Pool {
		config, err := pgxpool.ParseConfig(url)
		if err != nil {
			b.Fatal(err)
		}
		config.MaxConns = benchPool
		if dial != nil {
			config.ConnConfig.DialFunc = pgconn.DialFunc(dial)
		}
		p, err := pgxpool.NewWithConfig(ctx, config)
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	get := func(p *pgxpool.Pool) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			var answer string
			return p.QueryRow(ctx, echoQuery, "hello").Scan(&answer)
		}
	}
	runBench(b, func(ctx context.Context) error {
		plain, shared := pool(ctx, nil), pool(ctx, streams.DialShared(ctx))
		defer plain.Close()
		defer shared.Close()
		compareWays(ctx, b, allWays(get(plain), get(shared))...)
		return nil
	})
}

func BenchmarkNATS(b *testing.B) {
	s := newScene(0)
	defer s.Open()
	address := natsServer(b, s)
	runBench(b, func(ctx context.Context) error {
		plain := natsConnect(b, address)
		defer plain.Close()
		request := func(ctx context.Context) error {
			_, err := plain.RequestWithContext(ctx, "echo", []byte("hello"))
			return err
		}
		onLoop := natsCallbacks(ctx, b, address)
		compareWays(ctx, b,
			contender{"goroutines", inGoroutines, request},
			contender{"callbacks", inTasks, func(ctx context.Context) error { return echo(ctx, onLoop, "hello") }},
			contender{"ToThread", inTasks, func(ctx context.Context) error { return asyncio.ToThreadFunc(ctx, request) }})
		return onLoop.Close(ctx)
	})
}
