package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/asyncio-go/asyncio"
)

// A hub brings what one browser says to all, with server-sent events. Its
// handlers are tasks of one loop: the list of listeners needs no lock.
type hub struct {
	listeners []*listener
	closed    bool
}

// A listener is one browser.
type listener struct{ messages *asyncio.Queue[string] }

const (
	mostBehind = 64               // messages that a listener may be behind; then it has to come again
	heartbeat  = 15 * time.Second // a sign of life, which also shows who is gone
	mostInLine = 1000             // bytes of a message
)

//go:embed index.html
var page []byte

func (h *hub) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	})
	mux.HandleFunc("GET /events", h.events)
	mux.HandleFunc("POST /say", h.say)
	mux.HandleFunc("GET /sleep", sleep)
	return mux
}

// say takes a message and brings it to all listeners.
func (h *hub) say(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostInLine))
	message := strings.TrimSpace(string(text))
	switch {
	case err != nil:
		http.Error(w, fmt.Sprintf("a message has at most %d bytes", mostInLine), http.StatusRequestEntityTooLarge)
		return
	case message == "" || !utf8.ValidString(message):
		http.Error(w, "a message has to say something, in UTF-8", http.StatusBadRequest)
		return
	}
	h.broadcast(message)
	w.WriteHeader(http.StatusNoContent)
}

// broadcast never waits: who does not listen is no longer a listener.
func (h *hub) broadcast(message string) {
	h.listeners = slices.DeleteFunc(h.listeners, func(l *listener) bool {
		slow := l.messages.TryPut(message) != nil
		if slow {
			l.messages.Shutdown(true)
		}
		return slow
	})
}

// events streams messages to one listener.
func (h *hub) events(w http.ResponseWriter, r *http.Request) {
	if h.closed {
		http.Error(w, "closing", http.StatusServiceUnavailable)
		return
	}
	l := &listener{asyncio.NewQueue[string](mostBehind)}
	h.listeners = append(h.listeners, l)
	defer func() { h.listeners = slices.DeleteFunc(h.listeners, func(x *listener) bool { return x == l }) }()

	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	out := http.NewResponseController(w)
	for err := out.Flush(); err == nil; err = out.Flush() {
		event, err := l.next(r.Context())
		if err != nil {
			return
		}
		if _, err := io.WriteString(w, event); err != nil {
			return
		}
	}
}

// lineEnds makes one kind of line ends of the three that end a line of an event: a
// message must not get out of its data and forge other fields.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// next returns the next event, which is a heartbeat if there is no message for
// a while.
func (l *listener) next(ctx context.Context) (string, error) {
	message, err := asyncio.WaitFor(ctx, asyncio.Coro[string](l.messages.Get), heartbeat)
	switch {
	case errors.Is(err, asyncio.ErrTimeout):
		return ": still here\n\n", nil
	case err != nil:
		return "", err
	}
	var event strings.Builder
	for _, line := range strings.Split(lineEnds.Replace(message), "\n") {
		fmt.Fprintf(&event, "data: %s\n", line)
	}
	event.WriteByte('\n')
	return event.String(), nil
}

// close ends all streams.
func (h *hub) close() {
	h.closed = true
	for _, l := range h.listeners {
		l.messages.Shutdown(false)
	}
}

// sleep answers after a while, as a handler does that waits for a database:
// many of them at once take no longer than one.
func sleep(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.FormValue("for"))
	if err != nil || d < 0 || d > time.Minute {
		http.Error(w, "say how long, up to a minute: /sleep?for=1s", http.StatusBadRequest)
		return
	}
	if asyncio.Sleep(r.Context(), d) == nil {
		fmt.Fprintf(w, "slept for %v\n", d)
	}
}
