// Command goroutines is the same service as the one in the folder above, with goroutines,
// channels, mutexes and errgroup, so that a reader can compare.
package main

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/asyncio-go/asyncio/examples/service/backend"
)

func main() { backend.Main(run) }

// run serves until quit is done, and then ends in good order.
func run(quit context.Context, p *backend.Parts, o backend.Options) error {
	m := newMonitor(p.Store, p.Bus.Publish, o.Patience)
	return m.serve(quit, p.Listener, p.Bus, o)
}

// serve runs the parts of the service until quit is done. Then the beat stops first, so
// that no new work comes; requests and checks that have begun may end, within the grace.
func (m *monitor) serve(quit context.Context, l net.Listener, bus *backend.Bus, o backend.Options) error {
	if err := m.load(quit); err != nil {
		return err
	}
	all, cancel := context.WithCancel(context.WithoutCancel(quit))
	defer cancel()
	g, ctx := errgroup.WithContext(all)
	ending, end := context.WithCancel(ctx)
	defer end()
	changes := bus.Changes(ending)
	server := &http.Server{Handler: m.routes(), ReadHeaderTimeout: 10 * time.Second}
	g.Go(func() error { return m.beat(ending, o.Interval) })
	g.Go(func() error { return m.relay(ending, changes) })
	g.Go(func() error {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	for range o.Workers {
		g.Go(func() error { return m.work(ctx) })
	}
	select {
	case <-quit.Done():
		slog.Info("ending", "checks", m.checks())
	case <-ctx.Done(): // one of them has failed
	}
	end()
	m.drain()
	late := time.AfterFunc(o.Grace, cancel)
	defer late.Stop()
	grace, stop := context.WithTimeout(context.WithoutCancel(quit), o.Grace)
	defer stop()
	err := server.Shutdown(grace)
	if err != nil {
		_ = server.Close()
	}
	return errors.Join(g.Wait(), err)
}
