package main

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/asyncio-go/asyncio/examples/service/backend"
)

// heartbeat is how often a stream of events gives a sign of life.
const heartbeat = 15 * time.Second

func (m *monitor) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /sites", m.list)
	mux.HandleFunc("PUT /sites", m.put)
	mux.HandleFunc("DELETE /sites", m.delete)
	mux.HandleFunc("GET /events", m.events)
	mux.HandleFunc("GET /healthz", m.health)
	mux.Handle("GET /metrics", metrics())
	return mux
}

func (m *monitor) list(w http.ResponseWriter, _ *http.Request) {
	m.mu.Lock()
	all := slices.AppendSeq(make([]backend.Site, 0, len(m.sites)), maps.Values(m.sites))
	m.mu.Unlock()
	slices.SortFunc(all, func(a, b backend.Site) int { return strings.Compare(a.URL, b.URL) })
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(all)
}

func (m *monitor) put(w http.ResponseWriter, r *http.Request) {
	u, err := url.Parse(r.FormValue("url"))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		http.Error(w, "url= has to begin with http:// or https://", http.StatusBadRequest)
		return
	}
	isNew, err := m.add(r.Context(), u.String())
	if err != nil {
		fail(w, r, err)
	} else if isNew {
		w.WriteHeader(http.StatusCreated)
	}
}

func (m *monitor) delete(w http.ResponseWriter, r *http.Request) {
	known, err := m.remove(r.Context(), r.FormValue("url"))
	if err != nil {
		fail(w, r, err)
	} else if !known {
		http.Error(w, "this site is not watched", http.StatusNotFound)
	}
}

func fail(w http.ResponseWriter, r *http.Request, err error) {
	slog.Error("a request failed", "path", r.URL.Path, "err", err)
	http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
}

// events sends each change as it comes, as server-sent events.
func (m *monitor) events(w http.ResponseWriter, r *http.Request) {
	if m.draining() {
		http.Error(w, http.StatusText(http.StatusServiceUnavailable), http.StatusServiceUnavailable)
		return
	}
	changes := make(chan backend.Site, mostBehind)
	m.mu.Lock()
	m.listeners[changes] = true
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		delete(m.listeners, changes)
		m.mu.Unlock()
	}()
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		_ = stream.SetWriteDeadline(time.Now().Add(2 * heartbeat))
		if err := stream.Flush(); err != nil {
			return // the browser has gone, or takes nothing
		}
		select {
		case <-r.Context().Done():
			return
		case <-m.ending:
			return
		case <-beat.C:
			fmt.Fprint(w, ": still here\n\n")
		case s, ok := <-changes:
			if !ok { // the browser is too slow
				return
			}
			text, _ := json.Marshal(s)
			fmt.Fprintf(w, "data: %s\n\n", text)
		}
	}
}

func (m *monitor) health(w http.ResponseWriter, _ *http.Request) {
	if m.draining() {
		http.Error(w, "ending", http.StatusServiceUnavailable)
		return
	}
	m.mu.Lock()
	sites, checks := len(m.sites), len(m.queued)
	m.mu.Unlock() // before the write, which may wait for the client
	_, _ = fmt.Fprintf(w, "ok: %d sites, %d checks\n", sites, checks)
}

func metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector())
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
