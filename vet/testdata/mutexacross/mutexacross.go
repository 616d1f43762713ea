package mutexacross

import (
	"context"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

type account struct {
	mu      sync.Mutex
	balance int
	shards  [2]sync.Mutex
}

// cache embeds its mutex.
type cache struct {
	sync.RWMutex
	values map[string]int
}

func fetch(ctx context.Context, key string) (int, error) {
	return len(key), asyncio.Sleep(ctx, time.Second)
}

func (a *account) deposit(ctx context.Context, n int) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, err := fetch(ctx, "a") // want `^fetch may suspend the task in account.deposit while a.mu is locked \(line 28\): the next task that locks it blocks the event loop for ever; use an asyncio.Lock, or unlock it before \(asyncio-mutex-across\)$`
	a.balance += v
	return err
}

func (c *cache) get(ctx context.Context, key string) (int, error) {
	c.RLock()
	v, ok := c.values[key]
	if ok {
		c.RUnlock()
		return v, nil
	}
	v, err := fetch(ctx, key) // want `fetch may suspend the task in cache.get while c is locked`
	c.RUnlock()
	if err != nil {
		return 0, err
	}
	c.Lock()
	c.values[key] = v
	c.Unlock()
	return v, asyncio.Yield(ctx)
}

var global sync.Mutex

func forms(ctx context.Context, a *account, q *asyncio.Queue[int], c asyncio.Coro[int], i int) error {
	global.Lock()
	_, _ = q.Get(ctx)                                      // want `asyncio.Queue.Get may suspend the task in forms while global is locked`
	_, _ = c(ctx)                                          // want `the call may suspend`
	_, _ = c.Await(ctx)                                    // want `asyncio.Coro.Await may suspend` `asyncio-lost-error`
	func() { _ = asyncio.Yield(ctx) }()                    // want `asyncio.Yield may suspend`
	later := func() error { return asyncio.Sleep(ctx, 1) } // want `asyncio.Sleep may suspend the task in a function in forms`
	_ = later()
	_ = asyncio.WithTimeout(ctx, 1, func(ctx context.Context) error { // want `asyncio.WithTimeout may suspend`
		return asyncio.Sleep(ctx, 1)
	})
	for v, err := range q.All(ctx) { // want `the range over q.All\(ctx\) may suspend`
		_, _ = v, err
		_ = asyncio.Yield(ctx) // want `asyncio.Yield may suspend`
	}
	global.Unlock()
	if a.mu.TryLock() {
		_ = asyncio.Yield(ctx) // want `while a.mu is locked`
		a.mu.Unlock()
	}
	if !a.mu.TryLock() {
		return asyncio.Yield(ctx)
	}
	_ = asyncio.Yield(ctx) // want `while a.mu is locked`
	a.mu.Unlock()
	a.shards[0].Lock()
	a.shards[1].Lock()
	a.shards[0].Unlock()
	_ = asyncio.Yield(ctx) // want `while a.shards\[1\] is locked`
	a.shards[1].Unlock()
	a.shards[i].Lock()
	_ = asyncio.Yield(ctx) // want `while a.shards\[i\] is locked`
	a.shards[i].Unlock()
	return asyncio.Yield(ctx)
}

func loops(ctx context.Context, a *account) error {
	for {
		a.mu.Lock()
		if a.balance > 0 {
			break
		}
		a.mu.Unlock()
		if err := asyncio.Sleep(ctx, 1); err != nil {
			return err
		}
	}
	defer a.mu.Unlock()
	defer asyncio.Yield(context.WithoutCancel(ctx)) // want `asyncio.Yield may suspend`
	return asyncio.Sleep(ctx, 1)                    // want `asyncio.Sleep may suspend`
}

func local(ctx context.Context) error {
	var mu sync.Mutex
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			mu.Lock()
			defer mu.Unlock()
			return asyncio.Yield(ctx) // want `in the function that local gives to asyncio.TaskGroup.Go while mu is locked`
		})
		return nil
	})
}

// What follows is right.

func (a *account) good(ctx context.Context, cond bool) error {
	a.mu.Lock()
	n := a.balance
	a.mu.Unlock()
	_ = n
	defer asyncio.Yield(context.WithoutCancel(ctx)) // it happens after the mutex is unlocked
	func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.balance++
	}()
	if cond { // on one path only
		a.mu.Lock()
	}
	_ = asyncio.Yield(ctx)
	if cond {
		a.mu.Unlock()
	}
	a.mu.Lock()
	a.unlockAndWait(ctx)
	_ = asyncio.Yield(ctx)
	a.mu.Lock()
	unlock := func() { a.mu.Unlock() }
	unlock()
	b := a
	b.mu.Lock()
	a.mu.Unlock()
	if a.mu.TryLock() {
		a.mu.Unlock()
	}
	return asyncio.Yield(ctx)
}

func (a *account) unlockAndWait(ctx context.Context) {
	a.mu.Unlock()
	_ = asyncio.Yield(ctx)
}

func (a *account) inOtherPlaces(ctx context.Context, tg *asyncio.TaskGroup) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	tg.Go(func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) })
	asyncio.RunningLoop(ctx).CallSoon(func() { a.balance++ })
	go func() { a.mu.Lock(); defer a.mu.Unlock() }()
	asyncio.CreateTask(ctx, func(ctx context.Context) (int, error) { return fetch(ctx, "a") })
	return asyncio.WithTimeout(ctx, 1, func(context.Context) error { return nil })
}

func (a *account) lock() *sync.Mutex { return &a.mu }

func (a *account) byMethod(ctx context.Context) error {
	a.lock().Lock()
	a.lock().Unlock()
	return asyncio.Yield(ctx)
}

// inThread holds a mutex on another goroutine.
func inThread(ctx context.Context, a *account, f *asyncio.ConcurrentFuture[int]) error {
	return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
		a.mu.Lock()
		defer a.mu.Unlock()
		_, err := f.Wait(ctx)
		return err
	})
}

func withLock(ctx context.Context, l *asyncio.Lock) error {
	return l.With(ctx, func() error { return asyncio.Sleep(ctx, 1) })
}
