package asyncio_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// An rwCrowd is tasks that share an RWLock. Each notes when it comes in.
type rwCrowd struct {
	asynctest.Logbook
	lock asyncio.RWLock
}

func (c *rwCrowd) reads(ctx context.Context, name string) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, acquirer(&c.Logbook, name, c.lock.AcquireRead, c.lock.ReleaseRead))
}

func (c *rwCrowd) writes(ctx context.Context, name string) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, acquirer(&c.Logbook, name, c.lock.Acquire, c.lock.Release))
}

// expectFree expects that no one holds the lock or waits for it.
func (c *rwCrowd) expectFree(t *testing.T) {
	t.Helper()
	if c.lock.Locked() || !c.lock.TryAcquire() {
		t.Error("the lock is not free")
	}
}

// eachRWLock runs a test in which tasks come in the order in which they are created.
func eachRWLock(t *testing.T, name string, test func(t *testing.T, ctx context.Context, c *rwCrowd)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) { test(t, ctx, new(rwCrowd)) })
	})
}

func TestRWLock(t *testing.T) {
	eachRWLock(t, "is held by many readers or one writer, without suspending", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		l := &c.lock
		asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
			asynctest.ExpectNil(t, l.AcquireRead(ctx))
			asynctest.ExpectNil(t, l.AcquireRead(ctx))
			asynctest.ExpectEqual(t, "TryAcquireRead", l.TryAcquireRead(), true)
			asynctest.ExpectEqual(t, "TryAcquire", l.TryAcquire(), false)
			for range 3 {
				asynctest.ExpectEqual(t, "locked", l.Locked(), true)
				l.ReleaseRead()
			}
			asynctest.ExpectEqual(t, "locked", l.Locked(), false)
			asynctest.ExpectNil(t, l.Acquire(ctx))
			asynctest.ExpectEqual(t, "TryAcquireRead", l.TryAcquireRead(), false)
			asynctest.ExpectEqual(t, "TryAcquire", l.TryAcquire(), false)
			l.Release()
		}), 0)
		c.expectFree(t)
	})
	eachRWLock(t, "is given to those that stand together at the head, in the order in which they came", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.Acquire(ctx)
		for _, name := range []string{"r1", "r2"} {
			c.reads(ctx, name)
		}
		c.writes(ctx, "w1")
		c.reads(ctx, "r3")
		c.writes(ctx, "w2")
		asynctest.Settle(ctx)
		c.lock.Release()
		_ = asyncio.Yield(ctx)
		c.Expect(t, "r1", "r2")
		asynctest.Settle(ctx)
		c.Expect(t, "r1", "r2", "w1", "r3", "w2")
		c.expectFree(t)
	})
	eachRWLock(t, "keeps readers behind a writer that waits, so that it does not starve", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.AcquireRead(ctx)
		c.writes(ctx, "w")
		c.reads(ctx, "r")
		asynctest.Settle(ctx)
		asynctest.ExpectEqual(t, "TryAcquireRead", c.lock.TryAcquireRead(), false)
		c.Expect(t)
		c.lock.ReleaseRead()
		asynctest.Settle(ctx)
		c.Expect(t, "w", "r")
		c.expectFree(t)
	})
	eachRWLock(t, "belongs to who was woken, and to no one who comes in between", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.Acquire(ctx)
		c.writes(ctx, "w")
		asynctest.Settle(ctx)
		c.lock.Release()
		asynctest.ExpectEqual(t, "locked", c.lock.Locked(), true)
		asynctest.ExpectEqual(t, "TryAcquire", c.lock.TryAcquire(), false)
		asynctest.ExpectEqual(t, "TryAcquireRead", c.lock.TryAcquireRead(), false)
		asynctest.ExpectPanic(t, c.lock.Release)
		asynctest.ExpectPanic(t, c.lock.ReleaseRead)
		asynctest.ExpectNil(t, c.lock.AcquireRead(ctx))
		c.Add("r")
		c.Expect(t, "w", "r")
		asynctest.ExpectEqual(t, "TryAcquireRead", c.lock.TryAcquireRead(), true)
	})
	eachRWLock(t, "lets readers in while others that were woken are on their way", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.Acquire(ctx)
		c.reads(ctx, "r1")
		asynctest.Settle(ctx)
		c.lock.Release()
		asynctest.ExpectPanic(t, c.lock.ReleaseRead)
		asynctest.ExpectEqual(t, "TryAcquireRead", c.lock.TryAcquireRead(), true)
		c.lock.ReleaseRead()
		asynctest.Settle(ctx)
		c.Expect(t, "r1")
		c.expectFree(t)
	})
	eachRWLock(t, "is not lost with who is canceled, waiting or woken", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.Acquire(ctx)
		first, second := c.writes(ctx, "w1"), c.writes(ctx, "w2")
		reader := c.reads(ctx, "r1")
		c.reads(ctx, "r2")
		asynctest.Settle(ctx)
		first.Cancel()
		reader.Cancel()
		c.lock.Release()
		second.Cancel() // comes too late
		asynctest.Settle(ctx)
		c.Expect(t, "w1: asyncio: canceled", "r1: asyncio: canceled", "w2", "r2")
		c.expectFree(t)
	})
	eachRWLock(t, "lets readers go on when the writer before them is canceled", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.AcquireRead(ctx)
		writer := c.writes(ctx, "w")
		c.reads(ctx, "r1")
		c.reads(ctx, "r2")
		asynctest.Settle(ctx)
		writer.Cancel()
		asynctest.Settle(ctx)
		c.Expect(t, "w: asyncio: canceled", "r1", "r2")
		c.lock.ReleaseRead()
		c.expectFree(t)
	})
	eachRWLock(t, "goes to the readers behind a writer that is canceled while it is given back", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		_ = c.lock.AcquireRead(ctx)
		writer := c.writes(ctx, "w")
		c.reads(ctx, "r")
		asynctest.Settle(ctx)
		writer.Cancel()
		c.lock.ReleaseRead()
		asynctest.Settle(ctx)
		c.Expect(t, "w: asyncio: canceled", "r")
		c.expectFree(t)
	})
	for _, canceled := range []bool{false, true} {
		eachRWLock(t, fmt.Sprint("lets readers go on when a Select before them leaves the line; canceled: ", canceled), func(t *testing.T, ctx context.Context, c *rwCrowd) {
			var other asyncio.Event
			_ = c.lock.AcquireRead(ctx)
			s := startSelect(ctx, c.lock.OnAcquire(), other.OnSet())
			c.reads(ctx, "r1")
			again := startSelect(ctx, other.OnSet(), c.lock.OnAcquireRead())
			asynctest.Settle(ctx)
			if c.Expect(t); canceled {
				s.Cancel()
				s.expect(t, ctx, -1, asyncio.ErrCanceled)
			} else {
				other.Set()
				s.expect(t, ctx, 1, nil)
			}
			c.Expect(t, "r1")
			again.expect(t, ctx, map[bool]int{true: 1, false: 0}[canceled], nil)
			if canceled {
				c.lock.ReleaseRead()
			}
			c.lock.ReleaseRead()
			c.expectFree(t)
		})
	}
	eachRWLock(t, "is not taken on a canceled context", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		onCanceledContext(ctx, func(ctx context.Context) {
			asynctest.ExpectCanceled(t, c.lock.Acquire(ctx))
			asynctest.ExpectCanceled(t, c.lock.AcquireRead(ctx))
			asynctest.ExpectCanceled(t, c.lock.With(ctx, func() error { return errBoom }))
			asynctest.ExpectCanceled(t, c.lock.WithRead(ctx, func() error { return errBoom }))
		})
		c.expectFree(t)
	})
	eachRWLock(t, "is given back by With and WithRead, panic or not", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		for _, with := range []func(context.Context, func() error) error{c.lock.With, c.lock.WithRead} {
			asynctest.ExpectEqual(t, "error", with(ctx, func() error { return errBoom }), errBoom)
			asynctest.ExpectPanic(t, func() { _ = with(ctx, func() error { panic("x") }) })
		}
		c.expectFree(t)
	})
	eachRWLock(t, "that is given back by who does not hold it panics with advice", func(t *testing.T, _ context.Context, c *rwCrowd) {
		expect := func() {
			asynctest.ExpectAdvice(t, c.lock.Release, "Release of an RWLock that no writer holds", "with ReleaseRead what AcquireRead took")
		}
		expectRead := func() {
			asynctest.ExpectAdvice(t, c.lock.ReleaseRead, "ReleaseRead of an RWLock that no reader holds", "with Release what Acquire took")
		}
		expect()
		expectRead()
		c.lock.TryAcquireRead()
		expect()
		c.lock.ReleaseRead()
		c.lock.TryAcquire()
		expectRead()
	})
}

// TestHolderOfAnRWLock asks who holds it: that is said where it is known to be the only one.
func TestHolderOfAnRWLock(t *testing.T) {
	eachRWLock(t, "", func(t *testing.T, ctx context.Context, c *rwCrowd) {
		c.lock.SetName("config")
		var done asyncio.Event
		holds := func(with func(context.Context, func() error) error) *asyncio.Task[struct{}] {
			task := asyncio.Go(ctx, func(ctx context.Context) error { return with(ctx, func() error { return done.Wait(ctx) }) })
			_ = asyncio.Yield(ctx)
			return task
		}
		expect := func(when string, holder uint64, held, waiters int) {
			t.Helper()
			core := engine.LoopOf(ctx)
			core.SnapshotNow(nil) // meets it
			for _, o := range core.SnapshotNow(nil).Objects {
				if o.Name == "config" && (o.Holder != holder || o.Len != held || o.Waiters != waiters || o.Kind.String() != "rwlock") {
					t.Errorf("%s: it is %+v, want holder %d", when, o, holder)
				}
			}
		}
		reader := holds(c.lock.WithRead)
		writer := holds(c.lock.With)
		expect("one reads", reader.Info().ID, 1, 1)
		var b bytes.Buffer
		asynctest.ExpectNil(t, asyncio.DumpTasks(ctx, &b))
		if want := `rwlock write "config", held by task ` + fmt.Sprint(reader.Info().ID); !strings.Contains(b.String(), want) {
			t.Errorf("the dump does not say %q:\n%s", want, b.String())
		}
		writer.Cancel()
		asynctest.Settle(ctx)
		second := holds(c.lock.WithRead)
		writer = holds(c.lock.With)
		expect("two read", 0, 2, 1)
		second.Cancel()
		asynctest.Settle(ctx)
		expect("the one that came last has gone", 0, 1, 1)
		reader.Cancel()
		asynctest.Settle(ctx)
		third := holds(c.lock.WithRead)
		expect("one writes", writer.Info().ID, 1, 1)
		asynctest.ExpectEqual(t, "it waits for", third.Info().WaitingOn, `rwlock read "config"`)
		done.Set()
		asynctest.Settle(ctx)
		c.expectFree(t)
	})
}
