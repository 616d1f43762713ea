// Command service watches web sites: an HTTP API with live events, workers on a queue, a
// periodic job, a store, metrics, and an end in good order. What is stateful in it runs on
// one loop; HTTP and the store are ordinary Go on goroutines. See the README of the examples.
package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
	_ "github.com/asyncio-go/asyncio/console" // ASYNCIO_CONSOLE=1 shows the tasks
	"github.com/asyncio-go/asyncio/examples/service/backend"
)

func main() { backend.Main(run) }

// run serves until quit is done, and then ends in good order.
func run(quit context.Context, p *backend.Parts, o backend.Options) error {
	return asyncio.Run(context.WithoutCancel(quit), func(ctx context.Context) error {
		m := newMonitor(realWorld(p.Store, p.Bus), o.Patience)
		return m.serve(ctx, quit, p.Listener, p.Bus.Changes(ctx), o)
	}, asyncio.DumpOnQuit())
}

// serve runs the parts of the service until quit is done. Then the beat stops first, so
// that no new work comes; requests and checks that have begun may end, within the grace.
func (m *monitor) serve(ctx, quit context.Context, l net.Listener, changes <-chan backend.Site, o backend.Options) error {
	if err := m.load(ctx); err != nil {
		return err
	}
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		beat := tg.Go(func(ctx context.Context) error { return m.beat(ctx, o.Interval) }, asyncio.Name("beat"))
		relay := tg.Go(func(ctx context.Context) error { return m.relay(ctx, changes) }, asyncio.Name("relay"))
		server := tg.Go(func(ctx context.Context) error {
			s := &http.Server{Handler: m.routes(ctx), ReadHeaderTimeout: 10 * time.Second}
			return asynciohttp.Serve(ctx, s, l, asynciohttp.GracePeriod(o.Grace))
		}, asyncio.Name("http"))
		for range o.Workers {
			tg.Go(m.work, asyncio.Name("worker"))
		}
		if _, _, err := asyncio.Receive(ctx, quit.Done()); err != nil {
			return err
		}
		slog.Info("ending", "checks", len(m.queued))
		beat.Cancel()
		relay.Cancel()
		m.drain()
		server.Cancel()
		tg.CancelAfter(o.Grace)
		return nil
	})
}
