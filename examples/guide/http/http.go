// Package http holds the code of docs/guide/http.md: a chat room behind net/http.
package http

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
)

// ANCHOR: room
// A room is what people have said, and who listens. It belongs to the loop: no lock.
type room struct {
	said []string
	news *asyncio.Broadcast[string]
}

func newRoom() *room { return &room{news: asyncio.NewBroadcast[string](100)} }

func (r *room) say(_ context.Context, _ http.ResponseWriter, request *http.Request) error {
	text := request.FormValue("text")
	if text == "" {
		return &asynciohttp.StatusError{Status: http.StatusBadRequest, Text: "text= is missing"}
	}
	r.said = append(r.said, text)
	if r.news.TryPut(text) == asyncio.ErrQueueFull {
		for l := range r.news.Subscribers() {
			if l.Len() == r.news.Cap() {
				l.Close() // one who is too slow has to come again
			}
		}
		return r.news.TryPut(text)
	}
	return nil
}

// ANCHOR_END: room

// ANCHOR: events
func (r *room) listen(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
	news := r.news.Subscribe()
	defer news.Close()
	w.Header().Set("Content-Type", "text/event-stream")
	stream := http.NewResponseController(w)
	for {
		if err := stream.Flush(); err != nil { // suspends until the browser has taken it
			return err
		}
		var text string
		switch chosen, err := asyncio.Select(ctx, news.OnGet(&text), asyncio.After(15*time.Second)); {
		case chosen == 0 && err != nil:
			return nil // the server ends, or the browser is too slow and has to come again
		case err != nil:
			return err // the browser has gone
		case chosen == 0:
			fmt.Fprintf(w, "data: %q\n\n", text) // quoted, so that it is one line
		default:
			fmt.Fprint(w, ": still here\n\n")
		}
	}
}

// end ends the streams: the server takes no more requests.
func (r *room) end() { r.news.Shutdown(false) }

// ANCHOR_END: events

// ANCHOR: serve
func serve(ctx context.Context, l net.Listener) error {
	r := newRoom()
	mux := http.NewServeMux()
	mux.Handle("POST /say", asynciohttp.Handler(ctx, r.say))
	mux.Handle("GET /events", asynciohttp.Handler(ctx, r.listen))
	mux.Handle("GET /files/", http.StripPrefix("/files/", http.FileServer(http.Dir("static")))) // on goroutines, as ever
	server := &http.Server{Handler: mux}
	loop := asyncio.RunningLoop(ctx)
	server.RegisterOnShutdown(func() { _ = loop.CallSoonThreadsafe(r.end) })
	return asynciohttp.Serve(ctx, server, l, asynciohttp.GracePeriod(10*time.Second))
}

// ANCHOR_END: serve

// ANCHOR: client
type weather struct{ Degrees int }

func ask(ctx context.Context, url string) (weather, error) {
	return asyncio.ToThread(ctx, func(ctx context.Context) (w weather, err error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return w, err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return w, err
		}
		defer response.Body.Close()
		return w, json.NewDecoder(response.Body).Decode(&w) // still in the thread
	})
}

// ANCHOR_END: client
