package console

import (
	"context"
	"fmt"
	"io"
	"iter"
	"net/http"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/serve"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// heartbeat is how long a stream may be silent. Then the server sends a comment, to find
// out whether the client is still there, and to keep proxies from closing the connection.
const heartbeat = 10 * time.Second

// live sends what happens as server-sent events until the client goes, or is too slow.
func (s *server) live(w http.ResponseWriter, r *http.Request) {
	q := queryOf(r)
	loop, past := q.number("loop"), q.number("past")
	if q.refused(w) || r.Method == http.MethodHead {
		return
	}
	select {
	case s.clients <- struct{}{}:
		defer func() { <-s.clients }()
	default:
		w.Header().Set("Retry-After", "5")
		serve.Refusal{Status: http.StatusServiceUnavailable, Text: fmt.Sprintf("%d clients follow this console, and more would slow the program down: close one of them", maxClients)}.ServeHTTP(w, r)
		return
	}
	last := lastEventID(r)
	if last != 0 {
		past = 0 // it has come back
	}
	sub, err := s.backend.Subscribe(loop, past)
	if err != nil {
		refusalOf(err).ServeHTTP(w, r)
		return
	}
	defer sub.Close()
	if !beginEvents(w, r) {
		return
	}
	if sub.past != nil && !sendPast(r.Context(), w, sub.past) {
		panic(http.ErrAbortHandler) // cuts the connection
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	queue := newOutbox()
	go func() {
		defer queue.close()
		pump(ctx, sub.C, &events{last: last}, queue)
	}()
	if !deliver(ctx, w, queue) {
		panic(http.ErrAbortHandler) // cuts the connection
	}
}

// beginEvents sends the header of a stream, at once.
func beginEvents(w http.ResponseWriter, r *http.Request) bool {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no") // a proxy is not to keep events back
	if _, err := w.Write([]byte("retry: 1000\n\n")); err != nil {
		return false
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		h.Del("X-Accel-Buffering")
		serve.Refusal{Status: http.StatusInternalServerError, Text: "events cannot be sent as they come, for something around console.Handler keeps answers back: mount it outside of that, http.TimeoutHandler for example (" + err.Error() + ")"}.ServeHTTP(w, r)
		return false
	}
	return true
}

// sendPast sends the frames of the time before the client came, one after the other, as
// fast as the client takes them. They have no id: a client that comes back before it has
// got a frame with an id gets them again. What happens meanwhile waits in the
// subscription.
func sendPast(ctx context.Context, w http.ResponseWriter, past iter.Seq[*wire.LiveFrame]) bool {
	for f := range past {
		event, err := eventOf("event: frame\ndata: ", f)
		if err != nil || ctx.Err() != nil || write(w, event) != nil {
			return false
		}
	}
	return http.NewResponseController(w).Flush() == nil
}

// lastEventID returns the number of the last frame that a returning client has seen; 0 if
// the client is new.
func lastEventID(r *http.Request) uint64 {
	id, _ := strconv.ParseUint(r.Header.Get("Last-Event-ID"), 10, 64)
	return id
}

// pump puts what comes from a subscription into the queue, until the client is gone,
// the loop has ended, or the queue is too long.
func pump(ctx context.Context, c <-chan any, e *events, queue *outbox) {
	for {
		select {
		case v, ok := <-c:
			if !ok {
				return
			}
			event, err := e.encode(v)
			if err != nil || !queue.put(event...) {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// deliver writes what is in the queue until there will be nothing more, which is a good
// end, or the client is too slow or gone.
func deliver(ctx context.Context, w http.ResponseWriter, queue *outbox) bool {
	control := http.NewResponseController(w)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		parts, more := queue.take()
		if !more {
			return !queue.overflown()
		}
		if len(parts) > 0 {
			if write(w, parts) != nil || control.Flush() != nil {
				return false
			}
			beat.Reset(heartbeat)
			continue
		}
		select {
		case <-queue.changed:
		case <-beat.C:
			if _, err := w.Write([]byte(": the console is still here\n\n")); err != nil || control.Flush() != nil {
				return false
			}
		case <-ctx.Done():
			return true
		}
	}
}

func write(w io.Writer, parts [][]byte) error {
	for _, part := range parts {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// events turns what a subscription gives into server-sent events for one client.
type events struct {
	last uint64 // the frame that the client saw before it came back
}

func (e *events) encode(v any) (event [][]byte, err error) {
	var head string
	switch one := v.(type) {
	case *wire.LiveFrame:
		v = e.withMissed(one)
		head = fmt.Sprintf("event: frame\nid: %d\ndata: ", one.N)
	case *wire.State:
		head = "event: state\ndata: "
	default:
		return nil, fmt.Errorf("console: no event for a %T", v)
	}
	return eventOf(head, v)
}

// eventOf is an event with this head, and a value as its data, in parts.
func eventOf(head string, v any) ([][]byte, error) {
	data, err := marshal(v)
	if err != nil {
		return nil, err
	}
	return [][]byte{[]byte(head), data, []byte("\n\n")}, nil
}

// withMissed adds to the lost events what a client has missed while it was away: one for
// each frame, because it is not known how many events these frames had. Other clients
// share the frame, so withMissed returns a changed copy.
func (e *events) withMissed(f *wire.LiveFrame) *wire.LiveFrame {
	last := e.last
	e.last = 0
	if last == 0 || f.N <= last+1 {
		return f
	}
	changed := *f
	changed.Lost += f.N - last - 1
	return &changed
}
