package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
)

// ANCHOR: embedded
// serve starts a server in this process. Its URL is for workers on this machine.
func serve(dir string) (url string, stop func() error, err error) {
	server, err := embedded.Start(dir)
	if err != nil {
		return "", nil, err
	}
	return server.URL(), server.Close, nil
}

// ANCHOR_END: embedded

// A bill is to be sent, once.
type bill struct {
	Customer string
	Cents    int
}

// A provider keeps what was charged under a key of the caller's, as payment providers do.
type provider struct {
	mu      sync.Mutex
	charged map[string]int
}

func (p *provider) Charge(_ context.Context, key string, cents int) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.charged[key] = cents
	return nil
}

var payments = &provider{charged: map[string]int{}}

// ANCHOR: idempotent
var charge = remote.Define("charge", func(ctx context.Context, b bill) (string, error) {
	job, _ := remote.JobOf(ctx)
	key := job.Client + "." + job.ID // the same in each attempt
	return key, payments.Charge(ctx, key, b.Cents)
},
	// ANCHOR_END: idempotent
	remote.Retries(1))

var errRefused = errors.New("the host does not want us")

// ANCHOR: options
var fetch = remote.Define("fetch", get,
	remote.Timeout(30*time.Second),                 // of one attempt
	remote.Retries(4),                              // four more attempts after an error
	remote.Backoff(20*time.Millisecond, time.Hour), // pauses between them, which double
	remote.MaxDeaths(2),                            // not a third time if two workers died of it
	remote.Retain(24*time.Hour))                    // how long its result is kept

var launch = remote.Define("launch", ignite,
	remote.NotIdempotent()) // if the worker dies, the job has failed

func init() { remote.RegisterError("example.refused", errRefused) } // for errors.Is

// ANCHOR_END: options

func get(_ context.Context, url string) (string, error) {
	return "", fmt.Errorf("%s: %w", url, errRefused)
}

func ignite(context.Context, int) (int, error) { return 1, nil }

// ANCHOR: versions
var (
	resize1 = remote.Define("resize", resizeByWidth)
	resize2 = remote.Define("resize", resizeToFit, remote.Version("2"))
)

var served = []remote.Registered{resize1, resize2} // until no client submits version 1 any more
// ANCHOR_END: versions

type size struct{ Width, Height int }

func resizeByWidth(_ context.Context, width int) (size, error) { return size{width, width / 2}, nil }
func resizeToFit(_ context.Context, box size) (size, error) {
	return size{box.Width, min(box.Height, box.Width/2)}, nil
}

// ANCHOR: progress
var convert = remote.Define("convert", func(ctx context.Context, pages int) (string, error) {
	for page := range pages {
		if err := render(ctx, page); err != nil {
			return "", err
		}
		_ = remote.Progress(ctx, page+1) // if nobody hears it, the work goes on
	}
	return "done", nil
})

// follow prints how far a job is, and returns what it gives.
func follow(ctx context.Context, job *remote.Job[string]) (string, error) {
	for data, err := range job.Progress(ctx) {
		if err != nil {
			return "", err
		}
		var page int
		if err := json.Unmarshal(data, &page); err != nil {
			return "", err
		}
		fmt.Println("page", page)
	}
	return job.Await(ctx)
}

// ANCHOR_END: progress

func render(ctx context.Context, _ int) error { return ctx.Err() }

// forever ends when it is canceled.
var forever = remote.Define("forever", func(ctx context.Context, _ int) (int, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
})

// ANCHOR: deadline
// within submits a job that must have ended in time, wherever it is by then.
func within(ctx context.Context, x *remote.Executor, d time.Duration) error {
	return asyncio.WithTimeout(ctx, d, func(ctx context.Context) error {
		job, err := forever.Submit(ctx, x, 0)
		if err != nil {
			return err
		}
		_, err = job.Await(ctx)
		return err
	})
}

// ANCHOR_END: deadline

// ANCHOR: attach
// report is the same job however often the program is started.
func report(ctx context.Context, url string) (string, error) {
	x, err := remote.Connect(ctx, url, remote.Client("reports"))
	if err != nil {
		return "", err
	}
	defer x.Close()
	job, err := convert.Attach(ctx, x, "2026-11")
	if errors.Is(err, remote.ErrUnknownJob) {
		job, err = convert.Submit(ctx, x, 3, remote.ID("2026-11"))
	}
	if err != nil {
		return "", err
	}
	return job.Await(ctx)
}

// ANCHOR_END: attach

func TestGuide(t *testing.T) {
	url, stop, err := serve(filepath.Join(t.TempDir(), "nats"))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	err = asyncio.Run(t.Context(), func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, url)
		if err != nil {
			return err
		}
		defer nc.Close()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			defer tg.Cancel()
			tg.Go(func(ctx context.Context) error {
				return remote.Serve(ctx, nc, append(served, charge, fetch, launch, convert, forever), remote.Parallel(4))
			})
			x, err := remote.NewExecutor(ctx, nc)
			if err != nil {
				return err
			}
			defer x.Close()
			return use(ctx, t, x, url)
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// use runs each piece.
func use(ctx context.Context, t *testing.T, x *remote.Executor, url string) error {
	paid, err := charge.Submit(ctx, x, bill{"Ada", 1999}, remote.ID("bill-17"))
	if err != nil {
		return err
	}
	if key, err := paid.Await(ctx); err != nil || payments.charged[key] != 1999 {
		t.Errorf("charge: %q, %v; charged %v", key, err, payments.charged)
	}
	small, err := resize1.Submit(ctx, x, 640)
	if err != nil {
		return err
	}
	fitted, err := resize2.Submit(ctx, x, size{640, 200})
	if err != nil {
		return err
	}
	if one, two, err := asyncio.Gather2(ctx, small, fitted); err != nil || one != (size{640, 320}) || two != (size{640, 200}) {
		t.Errorf("resize: %v, %v, %v", one, two, err)
	}
	pages, err := convert.Submit(ctx, x, 3)
	if err != nil {
		return err
	}
	if got, err := follow(ctx, pages); err != nil || got != "done" {
		t.Errorf("follow: %q, %v", got, err)
	}
	for range 2 { // the second time, the job is known
		if got, err := report(ctx, url); err != nil || got != "done" {
			t.Errorf("report: %q, %v", got, err)
		}
	}
	if err := within(ctx, x, 100*time.Millisecond); !errors.Is(err, asyncio.ErrTimeout) {
		t.Errorf("within: %v", err)
	}
	ignited, err := launch.Submit(ctx, x, 1)
	if err != nil {
		return err
	}
	if n, err := ignited.Await(ctx); n != 1 || err != nil {
		t.Errorf("launch: %v, %v", n, err)
	}
	return refused(ctx, t, x)
}

// refused looks at an error from a worker.
func refused(ctx context.Context, t *testing.T, x *remote.Executor) error {
	fetched, err := fetch.Submit(ctx, x, "https://example.org")
	if err != nil {
		return err
	}
	_, err = fetched.Await(ctx)
	var failed *remote.RemoteError
	if !errors.Is(err, errRefused) || !errors.As(err, &failed) || failed.Attempt != 5 {
		t.Errorf("fetch: %v", err)
	}
	return nil
}
