package main

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// A monitor watches sites. All of it belongs to the loop, so its fields need no lock.
type monitor struct {
	patience time.Duration
	world    // what it waits for

	sites    map[string]backend.Site
	due      *asyncio.Queue[string]
	queued   map[string]bool                  // which are due, or being checked
	writing  asyncio.Lock                     // held over a write, so that the store has the last one last
	changes  *asyncio.Broadcast[backend.Site] // for browsers
	draining bool
}

// A world is what the monitor needs of the rest: functions that suspend the task.
type world struct {
	all     func(ctx context.Context) ([]backend.Site, error)
	check   func(ctx context.Context, url string) (backend.Site, error)
	save    func(ctx context.Context, s backend.Site) error
	publish func(ctx context.Context, s backend.Site) error
	remove  func(ctx context.Context, url string) error
}

// realWorld asks sites, keeps them in a store, and publishes what it has found. All of that
// blocks, and so belongs in threads.
func realWorld(store backend.Store, bus *backend.Bus) world {
	return world{
		all: func(ctx context.Context) ([]backend.Site, error) { return asyncio.ToThread(ctx, store.All) },
		check: func(ctx context.Context, url string) (backend.Site, error) {
			return asyncio.ToThread(ctx, func(ctx context.Context) (backend.Site, error) { return backend.Check(ctx, url), nil })
		},
		save: func(ctx context.Context, s backend.Site) error {
			return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { return store.Save(ctx, s) })
		},
		publish: func(ctx context.Context, s backend.Site) error {
			return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { return bus.Publish(ctx, s) })
		},
		remove: func(ctx context.Context, url string) error {
			return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { return store.Delete(ctx, url) })
		},
	}
}

const (
	mostDue    = 10_000 // checks that may wait; what does not fit comes with the next beat
	mostBehind = 100    // changes that a browser may be behind; then it has to come again
)

func newMonitor(w world, patience time.Duration) *monitor {
	m := &monitor{
		world: w, patience: patience, sites: map[string]backend.Site{},
		queued: map[string]bool{}, due: asyncio.NewQueue[string](mostDue),
		changes: asyncio.NewBroadcast[backend.Site](mostBehind),
	}
	m.due.SetName("due")
	m.changes.SetName("changes")
	m.writing.SetName("writing")
	return m
}

func (m *monitor) load(ctx context.Context) error {
	all, err := m.all(ctx)
	for _, s := range all {
		m.sites[s.URL] = s
		m.enqueue(s.URL)
	}
	return err
}

// beat is the periodic job: it puts every site into the queue.
func (m *monitor) beat(ctx context.Context, interval time.Duration) error {
	for _, err := range asyncio.Every(ctx, interval) {
		if err != nil {
			return err
		}
		for _, url := range slices.Sorted(maps.Keys(m.sites)) {
			m.enqueue(url)
		}
	}
	return nil
}

// enqueue puts a site into the queue, unless it is there or being checked.
func (m *monitor) enqueue(url string) {
	if !m.queued[url] && m.due.TryPut(url) == nil {
		m.queued[url] = true
	}
}

// work checks one site after another, until the queue is shut down and empty.
func (m *monitor) work(ctx context.Context) error {
	for url, err := range m.due.All(ctx) {
		if err != nil {
			return err
		}
		err := m.checkSite(ctx, url)
		delete(m.queued, url)
		switch {
		case errors.Is(err, asyncio.ErrCanceled):
			return err
		case err != nil: // of the store; the next beat tries again
			slog.Error("a check was lost", "url", url, "err", err)
		}
	}
	return nil
}

func (m *monitor) checkSite(ctx context.Context, url string) error {
	s := backend.Site{URL: url}
	err := asyncio.WithTimeout(ctx, m.patience, func(ctx context.Context) (err error) {
		s, err = m.check(ctx, url)
		return err
	})
	if errors.Is(err, asyncio.ErrTimeout) {
		s, err = backend.Site{URL: url, Detail: "no answer in time", Checked: time.Now().UTC()}, nil
	}
	if err != nil {
		return err
	}
	return m.writing.With(ctx, func() error {
		if _, watched := m.sites[url]; !watched { // it was deleted meanwhile
			return nil
		}
		m.sites[url] = s
		if err := m.save(ctx, s); err != nil {
			return err
		}
		err := m.publish(ctx, s)
		if err != nil && !errors.Is(err, asyncio.ErrCanceled) { // it is saved, and the next check tells the others
			slog.Error("a change was not published", "url", url, "err", err)
			return nil
		}
		return err
	})
}

// add watches a site. It reports whether it is new.
func (m *monitor) add(ctx context.Context, url string) (isNew bool, err error) {
	err = m.writing.With(ctx, func() error {
		if _, known := m.sites[url]; known {
			return nil
		}
		s := backend.Site{URL: url}
		if err := m.save(ctx, s); err != nil { // to ask again is then to try again
			return err
		}
		m.sites[url], isNew = s, true
		return nil
	})
	if isNew {
		m.enqueue(url)
	}
	return isNew, err
}

// remove watches a site no more. It reports whether it was watched.
func (m *monitor) remove(ctx context.Context, url string) (known bool, err error) {
	err = m.writing.With(ctx, func() error {
		if _, known = m.sites[url]; !known {
			return nil
		}
		if err := m.world.remove(ctx, url); err != nil {
			return err
		}
		delete(m.sites, url)
		return nil
	})
	return known, err
}

// relay brings changes, of all instances of the service, to the browsers.
func (m *monitor) relay(ctx context.Context, changes <-chan backend.Site) error {
	for {
		s, ok, err := asyncio.Receive(ctx, changes)
		if err != nil || !ok {
			return err
		}
		m.tell(s)
	}
}

// tell sends a change to the browsers. One that is too far behind has its stream ended, and
// comes again.
func (m *monitor) tell(s backend.Site) {
	if m.changes.TryPut(s) != asyncio.ErrQueueFull {
		return
	}
	for browser := range m.changes.Subscribers() {
		if browser.Len() == mostBehind {
			browser.Close()
		}
	}
	_ = m.changes.TryPut(s) // all have room now
}

// drain takes no new work. What is in the queue is not begun; what has begun goes on.
func (m *monitor) drain() {
	m.draining = true
	m.due.Shutdown(true)
	m.changes.Shutdown(false)
}
