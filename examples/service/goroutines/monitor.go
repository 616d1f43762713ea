package main

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// A monitor watches sites.
type monitor struct {
	store    backend.Store
	publish  func(ctx context.Context, s backend.Site) error
	check    func(ctx context.Context, url string) backend.Site
	patience time.Duration
	due      chan string
	ending   chan struct{} // closed when the service ends
	writing  sync.Mutex    // held over a write, so that the store has the last one last

	mu        sync.Mutex // guards what follows; taken after writing
	sites     map[string]backend.Site
	queued    map[string]bool            // which are due, or being checked
	listeners map[chan backend.Site]bool // one for each browser
}

const (
	mostDue    = 10_000 // checks that may wait; what does not fit comes with the next beat
	mostBehind = 100    // changes that a browser may be behind; then it has to come again
)

func newMonitor(store backend.Store, publish func(context.Context, backend.Site) error, patience time.Duration) *monitor {
	return &monitor{
		store: store, publish: publish, check: backend.Check, patience: patience,
		due: make(chan string, mostDue), ending: make(chan struct{}),
		sites: map[string]backend.Site{}, queued: map[string]bool{}, listeners: map[chan backend.Site]bool{},
	}
}

func (m *monitor) load(ctx context.Context) error {
	all, err := m.store.All(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, s := range all {
		m.sites[s.URL] = s
		m.enqueue(s.URL)
	}
	return err
}

// beat is the periodic job: it puts every site into the queue.
func (m *monitor) beat(ctx context.Context, interval time.Duration) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		m.mu.Lock()
		for url := range m.sites {
			m.enqueue(url)
		}
		m.mu.Unlock()
	}
}

// enqueue puts a site into the queue, unless it is there or being checked. The caller
// holds mu.
func (m *monitor) enqueue(url string) {
	if m.queued[url] {
		return
	}
	select {
	case m.due <- url:
		m.queued[url] = true
	default:
	}
}

// work checks one site after another, until the service ends.
func (m *monitor) work(ctx context.Context) error {
	for {
		select {
		case <-m.ending: // two cases may be ready, and select takes any
			return nil
		default:
		}
		var url string
		select {
		case <-m.ending:
			return nil
		case <-ctx.Done():
			return nil
		case url = <-m.due:
		}
		err := m.checkSite(ctx, url)
		m.mu.Lock()
		delete(m.queued, url)
		m.mu.Unlock()
		if err != nil && ctx.Err() == nil { // of the store; the next beat tries again
			slog.Error("a check was lost", "url", url, "err", err)
		}
	}
}

func (m *monitor) checkSite(ctx context.Context, url string) error {
	limited, cancel := context.WithTimeout(ctx, m.patience)
	s := m.check(limited, url)
	cancel()
	if err := ctx.Err(); err != nil {
		return err
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	_, watched := m.sites[url]
	if watched {
		m.sites[url] = s
	}
	m.mu.Unlock()
	if !watched { // it was deleted meanwhile
		return nil
	}
	if err := m.store.Save(ctx, s); err != nil {
		return err
	}
	if err := m.publish(ctx, s); err != nil { // it is saved, and the next check tells the others
		slog.Error("a change was not published", "url", url, "err", err)
	}
	return nil
}

// add watches a site. It reports whether it is new.
func (m *monitor) add(ctx context.Context, url string) (isNew bool, err error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	_, known := m.sites[url]
	m.mu.Unlock()
	if known {
		return false, nil
	}
	s := backend.Site{URL: url}
	if err := m.store.Save(ctx, s); err != nil { // to ask again is then to try again
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.sites[url] = s
	m.enqueue(url)
	return true, nil
}

// remove watches a site no more. It reports whether it was watched.
func (m *monitor) remove(ctx context.Context, url string) (known bool, err error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	_, known = m.sites[url]
	m.mu.Unlock()
	if !known {
		return false, nil
	}
	if err := m.store.Delete(ctx, url); err != nil {
		return true, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.sites, url)
	return true, nil
}

// relay brings changes, of all instances of the service, to the browsers.
func (m *monitor) relay(ctx context.Context, changes <-chan backend.Site) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case s, ok := <-changes:
			if !ok {
				return nil
			}
			m.tell(s)
		}
	}
}

func (m *monitor) tell(s backend.Site) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for l := range m.listeners {
		select {
		case l <- s:
		default: // too far behind: the stream ends, and the browser comes again
			delete(m.listeners, l)
			close(l)
		}
	}
}

// drain takes no new work. What is in the queue is not begun; what has begun goes on.
func (m *monitor) drain() { close(m.ending) }

func (m *monitor) draining() bool {
	select {
	case <-m.ending:
		return true
	default:
		return false
	}
}

func (m *monitor) checks() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.queued)
}
