package remote

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

// errWorkerEnds is the cause with which the contexts of functions are canceled when their
// worker ends.
var errWorkerEnds = errors.New("remote: the worker ends")

// givenBackAfter is how long a function may take to return after its context was canceled
// because the worker ends. Then its job is given back all the same: whoever stops a worker
// may not wait much longer.
const givenBackAfter = time.Second

const forEver = 100 * 365 * 24 * time.Hour

// untilTheEnd serves until there is a reason to end, and ends.
func (w *worker) untilTheEnd(ctx context.Context) error {
	reason, err := w.ends.Get(ctx)
	if err != nil {
		reason = err
	}
	w.mu.Lock()
	w.draining = true
	w.mu.Unlock()
	uncut := context.WithoutCancel(ctx)
	if err := asyncio.ToThreadFunc(uncut, w.leave); err != nil && reason == nil {
		reason = err
	}
	if reason == nil && w.drain(ctx) {
		reason = asyncio.ErrCanceled
	}
	w.stopAll()
	if err := w.idle.Wait(uncut); err != nil {
		return err
	}
	if err := asyncio.ToThreadFunc(uncut, w.flush); err != nil && reason == nil {
		reason = err
	}
	return reason
}

// leave ends the fetcher: afterwards no job begins any more.
func (w *worker) leave(context.Context) error {
	w.fetcher.leave()
	w.mu.Lock()
	w.left = true
	w.mu.Unlock()
	w.wakeIfIdle()
	return nil
}

// drain lets jobs end. It returns when there are none, or when there was enough time, or
// SIGTERM came again. It reports whether ctx was canceled.
func (w *worker) drain(ctx context.Context) (canceled bool) {
	limit := w.cfg.drain
	if limit < 0 {
		limit = forEver
	}
	var again error
	_, err := asyncio.Select(ctx, w.idle.OnSet(), w.ends.OnGet(&again), asyncio.After(limit))
	return err != nil
}

// stopAll cancels the functions that run.
func (w *worker) stopAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for d := range w.jobs {
		d.stop(errWorkerEnds) // it may have been canceled before, or have lost its lease
	}
	w.stopping()
}

// wakeIfIdle is called when something of what idle means has come true.
func (w *worker) wakeIfIdle() {
	w.mu.Lock()
	idle := w.left && len(w.jobs) == 0
	w.mu.Unlock()
	if idle {
		_ = w.loop.CallSoonThreadsafe(w.idle.Set) // a loop that has ended waits for nothing
	}
}

// flush sees to it that the last acknowledgments have left the process.
func (w *worker) flush(context.Context) error {
	_ = w.nc.FlushTimeout(2 * time.Second) // without a connection, the leases run out
	return nil
}
