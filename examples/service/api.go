package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
	"github.com/asyncio-go/asyncio/console"
	"github.com/asyncio-go/asyncio/console/prom"
	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// heartbeat is how often a stream of events gives a sign of life.
const heartbeat = 15 * time.Second

// routes is the API. Its handlers run on the loop, but for /metrics.
func (m *monitor) routes(ctx context.Context) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /sites", asynciohttp.Handler(ctx, m.list))
	mux.Handle("PUT /sites", asynciohttp.Handler(ctx, m.put))
	mux.Handle("DELETE /sites", asynciohttp.Handler(ctx, m.delete))
	mux.Handle("GET /events", asynciohttp.Handler(ctx, m.events))
	mux.Handle("GET /healthz", asynciohttp.Handler(ctx, m.health))
	mux.Handle("GET /metrics", metrics())
	return mux
}

func (m *monitor) list(_ context.Context, w http.ResponseWriter, _ *http.Request) error {
	all := make([]backend.Site, 0, len(m.sites))
	for _, s := range m.sites {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b backend.Site) int { return strings.Compare(a.URL, b.URL) })
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(all)
}

func (m *monitor) put(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	u, err := url.Parse(r.FormValue("url"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return &asynciohttp.StatusError{Status: http.StatusBadRequest, Text: "url= has to begin with http:// or https://"}
	}
	isNew, err := m.add(ctx, u.String())
	if isNew && err == nil {
		w.WriteHeader(http.StatusCreated)
	}
	return err
}

func (m *monitor) delete(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
	known, err := m.remove(ctx, r.FormValue("url"))
	if !known && err == nil {
		return &asynciohttp.StatusError{Status: http.StatusNotFound, Text: "this site is not watched"}
	}
	return err
}

// events sends each change as it comes, as server-sent events.
func (m *monitor) events(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
	if m.draining {
		return &asynciohttp.StatusError{Status: http.StatusServiceUnavailable}
	}
	changes := m.changes.Subscribe()
	defer changes.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	for {
		if err := asyncio.WithTimeout(ctx, heartbeat, func(context.Context) error { return stream.Flush() }); err != nil {
			return nil // the browser has gone, or takes nothing
		}
		var s backend.Site
		chosen, err := asyncio.Select(ctx, changes.OnGet(&s), asyncio.After(heartbeat))
		switch {
		case chosen == 0 && err != nil: // shut down: the service ends, or the browser is too slow
			return nil
		case err != nil:
			return err
		case chosen == 1:
			fmt.Fprint(w, ": still here\n\n")
		default:
			text, _ := json.Marshal(s)
			fmt.Fprintf(w, "data: %s\n\n", text)
		}
	}
}

// health answers if the loop goes on: one that is stuck does not come here.
func (m *monitor) health(_ context.Context, w http.ResponseWriter, _ *http.Request) error {
	if m.draining {
		return &asynciohttp.StatusError{Status: http.StatusServiceUnavailable, Text: "ending"}
	}
	_, err := fmt.Fprintf(w, "ok: %d sites, %d checks\n", len(m.sites), len(m.queued))
	return err
}

// metrics are those of the loops, for Prometheus. It asks from a goroutine.
func metrics() http.Handler {
	loops, err := console.NewMonitor()
	if err != nil {
		return http.NotFoundHandler()
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(prom.NewCollector(loops))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
