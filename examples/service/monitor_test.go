package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// A fake is a world in memory, whose functions take time, so that others have their turn
// meanwhile.
type fake struct {
	checks []string
	stored map[string]backend.Site
	broken error
}

// start runs a monitor in a fake world.
func start(tg *asyncio.TaskGroup, workers int) (*monitor, *fake) {
	f := &fake{stored: map[string]backend.Site{}}
	m := newMonitor(world{
		all: func(ctx context.Context) (all []backend.Site, err error) {
			for _, url := range slices.Sorted(maps.Keys(f.stored)) {
				all = append(all, f.stored[url])
			}
			return all, asyncio.Yield(ctx)
		},
		check: func(ctx context.Context, url string) (backend.Site, error) {
			f.checks = append(f.checks, url)
			return backend.Site{URL: url, Up: true}, asyncio.Sleep(ctx, time.Second)
		},
		save: func(ctx context.Context, s backend.Site) error {
			err := errors.Join(asyncio.Yield(ctx), f.broken)
			if err == nil {
				f.stored[s.URL] = s
			}
			return err
		},
		publish: func(ctx context.Context, _ backend.Site) error { return asyncio.Yield(ctx) },
		remove: func(ctx context.Context, url string) error {
			err := errors.Join(asyncio.Yield(ctx), f.broken)
			if err == nil {
				delete(f.stored, url)
			}
			return err
		},
	}, 10*time.Second)
	for range workers {
		tg.Go(m.work)
	}
	return m, f
}

// Sites are checked once when they come, and with every beat after that.
func TestEverySiteIsCheckedWithEveryBeat(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			m, f := start(tg, 2)
			beat := tg.Go(func(ctx context.Context) error { return m.beat(ctx, time.Minute) })
			for i := range 3 {
				if isNew, err := m.add(ctx, fmt.Sprint("http://", i)); err != nil || !isNew {
					t.Error(isNew, err)
				}
			}
			if err := asyncio.Sleep(ctx, 10*time.Minute+30*time.Second); err != nil {
				return err
			}
			if want := 3 + 10*3; len(f.checks) != want {
				t.Errorf("%d checks, want %d", len(f.checks), want)
			}
			if !f.stored["http://2"].Up {
				t.Error("what was found is not in the store")
			}
			beat.Cancel()
			m.drain()
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// What the store has refused has not happened: to ask again is to try again.
func TestAStoreThatFails(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		m := &monitor{}
		f := &fake{}
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			m, f = start(tg, 0)
			for _, broken := range []error{errors.New("no disk"), nil} {
				f.broken = broken
				if isNew, err := m.add(ctx, "http://a"); !errors.Is(err, broken) || isNew != (broken == nil) {
					t.Error("add:", isNew, err)
				}
			}
			for _, broken := range []error{errors.New("no disk"), nil} {
				f.broken = broken
				if known, err := m.remove(ctx, "http://a"); !errors.Is(err, broken) || !known {
					t.Error("remove:", known, err)
				}
			}
			return nil
		})
		if err != nil || len(m.sites)+len(f.stored) > 0 {
			t.Error(err, m.sites, f.stored)
		}
	})
}

// What is deleted while it is being checked does not come back, in any order of events:
// neither in memory nor in the store.
func TestWhatIsDeletedStaysAway(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			m, f := start(tg, 1)
			if _, err := m.add(ctx, "http://a"); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, time.Second); err != nil { // as long as the check takes
				return err
			}
			known, err := m.remove(ctx, "http://a")
			m.drain()
			tg.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Minute)
				if _, stored := f.stored["http://a"]; stored || len(m.sites) > 0 || len(m.queued) > 0 {
					t.Errorf("in the store: %v; in memory: %v, %v", stored, m.sites, m.queued)
				}
				return err
			})
			if !known {
				t.Error("it was not known")
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A drain lets the check that has begun end, and begins none of those that wait.
func TestDrain(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			m, f := start(tg, 1)
			for _, url := range []string{"http://a", "http://b"} {
				if _, err := m.add(ctx, url); err != nil {
					return err
				}
			}
			if err := asyncio.Sleep(ctx, 500*time.Millisecond); err != nil {
				return err
			}
			m.drain()
			tg.CancelAfter(20 * time.Second)
			tg.Go(func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, 5*time.Second)
				if len(f.checks) != 1 || !f.stored["http://a"].Up || f.stored["http://b"].Up {
					t.Errorf("checked: %v, stored: %v", f.checks, f.stored)
				}
				return err
			})
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A store that fails is reported, and the worker goes on.
func TestWorkersOutliveTheStore(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			m, f := start(tg, 1)
			f.stored["http://a"] = backend.Site{URL: "http://a"}
			f.broken = errors.New("the disk is full")
			if err := m.load(ctx); err != nil {
				return err
			}
			beat := tg.Go(func(ctx context.Context) error { return m.beat(ctx, time.Minute) })
			err := asyncio.Sleep(ctx, 150*time.Second)
			if len(f.checks) != 3 {
				t.Errorf("checks: %v", f.checks)
			}
			beat.Cancel()
			m.drain()
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// A browser that does not read is sent away, and the others get every change.
func TestSlowBrowsersAreSentAway(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		m := newMonitor(world{}, time.Second)
		slow, quick := m.changes.Subscribe(), m.changes.Subscribe()
		for i := range mostBehind + 1 {
			m.tell(backend.Site{URL: fmt.Sprint(i)})
			if s, err := quick.TryGet(); err != nil || s.URL != fmt.Sprint(i) {
				t.Error(i, s, err)
			}
		}
		if _, err := slow.TryGet(); err != asyncio.ErrQueueShutDown {
			t.Error(err)
		}
	})
}
