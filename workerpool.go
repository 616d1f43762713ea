package asyncio

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A WorkerPool is an executor with a limited number of goroutines, its workers: n workers
// use up to n cores. It has to be made with NewWorkerPool. In Python: ThreadPoolExecutor,
// but without Python's lock that allows only one thread to run at a time.
type WorkerPool struct {
	mu      sync.Mutex
	size    int
	made    int // how many goroutines were ever started
	workers int // how many goroutines run
	idle    int // how many of these wait for a function
	fresh   int // how many of these have not come to their first function
	queue   []queued
	wake    sync.Cond
	closed  bool
	ended   chan struct{} // closed when the last worker has ended after Shutdown
}

// queued is a function that waits for a worker.
type queued struct {
	fn    func(worker string)
	since time.Time
}

// State makes a pool an engine.Pool.
func (p *poolState) State() engine.PoolState {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := engine.PoolState{
		Workers: p.workers, Size: p.size, Busy: p.workers - p.idle - p.fresh, Queued: len(p.queue), Closed: p.closed,
	}
	if len(p.queue) > 0 {
		s.Oldest = p.queue[0].since
	}
	return s
}

// poolState is a WorkerPool for those who watch its loop.
type poolState WorkerPool

// NewWorkerPool returns a pool that runs up to that many functions at once. Workers start
// when they are needed. Call Shutdown in the end.
func NewWorkerPool(workers int) *WorkerPool {
	if workers < 1 {
		panic(fmt.Sprintf("asyncio: NewWorkerPool(%d): at least one worker is needed; runtime.GOMAXPROCS(0) is one a core", workers))
	}
	p := &WorkerPool{size: workers, ended: make(chan struct{})}
	p.wake.L = &p.mu
	return p
}

// Submit hands fn to a worker, first in, first out. It does not wait. After Shutdown it
// returns ErrExecutorShutDown. A panic in fn is not caught; see RunInExecutor. Any
// goroutine may call it.
func (p *WorkerPool) Submit(fn func()) error {
	if fn == nil {
		panic(nilFunction)
	}
	return p.submit(func(string) { fn() })
}

func (p *WorkerPool) submit(fn func(worker string)) error {
	p.mustBe()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return ErrExecutorShutDown
	}
	p.queue = append(p.queue, queued{fn, time.Now()})
	if p.idle >= len(p.queue) || p.workers == p.size {
		p.wake.Signal()
		return nil
	}
	p.startWorker()
	return nil
}

func (p *WorkerPool) mustBe() {
	if p == nil || p.size == 0 {
		panic("asyncio: a zero WorkerPool has no workers: make it with NewWorkerPool")
	}
}

func (p *WorkerPool) startWorker() {
	p.workers++
	p.fresh++
	p.made++
	go p.work(fmt.Sprintf("worker-%d", p.made))
}

func (p *WorkerPool) work(name string) {
	defer p.leave()
	if coro.LabelsUsed() {
		coro.DropLabels() // those of whoever happened to start it
	}
	fn := p.first()
	for fn != nil {
		fn(name)
		fn = p.next()
	}
}

// first is next for a worker that has just been started.
func (p *WorkerPool) first() func(string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fresh--
	return p.take()
}

// next waits for a function. It returns nil when the pool is shut down and
// none is left.
func (p *WorkerPool) next() func(string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.take()
}

// take is next. The lock is held, but not while it waits.
func (p *WorkerPool) take() func(string) {
	for len(p.queue) == 0 {
		if p.closed {
			return nil
		}
		p.idle++
		p.wake.Wait()
		p.idle--
	}
	fn := p.queue[0].fn
	p.queue[0] = queued{}
	p.queue = p.queue[1:]
	return fn
}

// leave is deferred by every worker. A function that ends its goroutine ends the
// worker, too, and another one starts for the functions that are left.
func (p *WorkerPool) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.workers--
	switch {
	case len(p.queue) > 0:
		p.startWorker()
	case p.closed && p.workers == 0:
		close(p.ended)
	}
}

// Shutdown makes the pool refuse further functions and waits until all that were
// submitted have returned, or until ctx is done: then it returns the error of ctx. In a
// task it suspends the task. Any goroutine may call it, more than once.
func (p *WorkerPool) Shutdown(ctx context.Context) error {
	p.mustBe()
	p.close()
	wait := func(ctx context.Context) (struct{}, error) {
		select {
		case <-p.ended:
			return struct{}{}, nil
		case <-ctx.Done():
			return struct{}{}, ctx.Err()
		}
	}
	if l := RunningLoop(ctx); l != nil && l.core.OnLoop() {
		_, err := ToThread(ctx, wait)
		return err
	}
	_, err := wait(ctx)
	return err
}

func (p *WorkerPool) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	p.closed = true
	p.wake.Broadcast()
	if p.workers == 0 {
		close(p.ended)
	}
}
