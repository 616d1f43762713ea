package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
)

// fetcher fetches URLs, as its options say.
type fetcher struct {
	client    *http.Client
	userAgent string
	timeout   time.Duration
	retry     retryPolicy
}

func newFetcher(o options) *fetcher {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = o.limit
	// Only our own time limit counts, however long it is.
	transport.DialContext = new(net.Dialer).DialContext
	transport.TLSHandshakeTimeout = 0
	// Count the bytes that were sent, not those they could be blown up to.
	transport.DisableCompression = true
	return &fetcher{
		client:    &http.Client{Transport: transport, CheckRedirect: redirectPolicy(o.maxRedirects)},
		userAgent: o.userAgent,
		timeout:   o.timeout,
		retry:     newRetryPolicy(o),
	}
}

// close gives idle connections back.
func (f *fetcher) close() { f.client.CloseIdleConnections() }

// fetch fetches the row's URL, in several attempts if need be, and writes into
// the row how it went. It returns an error only if it was canceled.
func (f *fetcher) fetch(ctx context.Context, row *result) error {
	loop := asyncio.RunningLoop(ctx)
	start := loop.Now()
	defer func() { row.Time = loop.Now().Sub(start) }()

	var last error
	for row.Attempts = 1; ; row.Attempts++ {
		err := f.attempt(ctx, row)
		if errors.Is(err, asyncio.ErrCanceled) {
			row.Err = cutAfter(last)
			return err
		}
		last, row.Err = err, err
		pause, again := f.retry.next(row.Attempts, err)
		if !again {
			return nil
		}
		if err := asyncio.Sleep(ctx, pause); err != nil {
			row.Err = cutAfter(last)
			return err
		}
	}
}

// attempt makes one request, with a time limit, on a goroutine of its own:
// package net/http blocks, and the loop must not.
//
// When time is up, or on Ctrl-C, ToThread returns at once, while the goroutine
// may still need a moment to see that its context is done. So it does not
// touch the row, but has a transfer to write to that is never used again. And
// what went wrong with the request is its result, not its error: an error that
// comes too late is reported by the loop, and here nobody wants to know.
func (f *fetcher) attempt(ctx context.Context, row *result) error {
	var seen transfer
	address := row.URL
	err := asyncio.WithTimeout(ctx, f.timeout, func(ctx context.Context) error {
		problem, err := asyncio.ToThread(ctx, func(ctx context.Context) (error, error) {
			return f.get(ctx, address, &seen), nil
		})
		return cmp.Or(err, problem)
	})
	row.Status, row.Bytes = int(seen.status.Load()), seen.bytes.Load()
	if timedOut(err) {
		return fmt.Errorf("timed out after %v", f.timeout)
	}
	return err
}

// timedOut tells whether the time limit of an attempt was reached, whoever
// noticed it first: the loop (ErrTimeout is a context.DeadlineExceeded) or
// package net, which knows of it through the context.
func timedOut(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
}

// get requests the address and reads the body to its end, wherever the loop is
// meanwhile. An answer other than 2xx is a *statusError.
func (f *fetcher) get(ctx context.Context, address string, seen *transfer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	req.Header.Set("User-Agent", f.userAgent)
	resp, err := f.client.Do(req)
	if resp != nil { // also with the error of a redirect that is not followed
		seen.status.Store(int64(resp.StatusCode))
	}
	if err != nil {
		return withoutURL(err)
	}
	defer resp.Body.Close()
	_, err = io.Copy(seen, resp.Body)
	if bad := checkStatus(resp); bad != nil {
		return bad // says more than that its page was cut short
	}
	if err != nil {
		return fmt.Errorf("reading the body: %w", err)
	}
	return nil
}

// transfer is how far a request has come. The goroutine that makes the request
// writes it while the loop may read it, hence the atomics.
type transfer struct {
	status atomic.Int64
	bytes  atomic.Int64
}

// Write counts the bytes of a body and drops them.
func (t *transfer) Write(p []byte) (int, error) {
	t.bytes.Add(int64(len(p)))
	return len(p), nil
}

// withoutURL takes the method and the URL off an error of package net/http:
// they stand in the row already.
func withoutURL(err error) error {
	if e, ok := errors.AsType[*url.Error](err); ok {
		return e.Err
	}
	return err
}
