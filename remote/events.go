package remote

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

// listen subscribes to what workers tell of this client's jobs, before anything that is
// published after the call. For the loop only.
func (x *Executor) listen() {
	n := &x.network
	if n.listening {
		return
	}
	n.listening = true
	n.sender.do(func() {
		events, err := x.nc.Subscribe(x.config.eventsOf(x.config.client), x.hear)
		if err != nil {
			return // the connection is closed, and everything with it
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.events = events
	}, func() {})
}

// hear gets each event, on a goroutine of the library's.
func (x *Executor) hear(m *nats.Msg) {
	j := x.find(m.Subject[strings.LastIndexByte(m.Subject, '.')+1:])
	if j == nil {
		return
	}
	var e event
	if err := json.Unmarshal(m.Data, &e); err != nil {
		return // it is of a version that this one does not know
	}
	if e.Progress != nil {
		j.listeners.put(x, e.Progress)
	}
	if e.Began || e.Left || e.Claims {
		x.mail.post(func() { j.heard(e) })
	}
}

// heard runs on the loop.
func (j *jobState) heard(e event) {
	if j.settled {
		return
	}
	j.attempts = max(j.attempts, e.Attempt)
	if e.Began {
		j.x.lanes.began(j.inLane(), e.Worker, e.Attempt)
	}
	if e.Left {
		j.x.lanes.left(j.key.id, e.Attempt)
	}
	if e.Claims && j.canceling != nil {
		j.canceling.claim()
	}
}

// progressKept is how much of a job's progress is kept for one who is slow.
const progressKept = 64

// listeners are those who want to know of a job's progress.
type listeners struct {
	mu    sync.Mutex
	all   []*listener
	ended bool
}

// A listener gets a job's progress in a sequence.
type listener struct {
	of    *listeners
	kept  []json.RawMessage // the newest
	awake asyncio.Event     // for the loop only: something has come
}

// put tells all listeners. Any goroutine may call it. The messages are kept here, and not
// in calls of the loop, so that their number is bounded.
func (ls *listeners) put(x *Executor, v json.RawMessage) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	for _, l := range ls.all {
		if len(l.kept) == progressKept {
			l.kept = append(l.kept[:0], l.kept[1:]...)
		}
		if l.kept = append(l.kept, v); len(l.kept) == 1 {
			x.mail.post(l.awake.Set)
		}
	}
}

// end tells all listeners that nothing more will come. For the loop only.
func (ls *listeners) end() {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.ended = true
	for _, l := range ls.all {
		l.awake.Set()
	}
	ls.all = nil
}

// take returns the oldest message, and whether more can come.
func (l *listener) take() (v json.RawMessage, ok, more bool) {
	l.of.mu.Lock()
	defer l.of.mu.Unlock()
	if len(l.kept) > 0 {
		v, l.kept = l.kept[0], l.kept[1:]
		return v, true, true
	}
	return nil, false, !l.of.ended
}

// Progress ranges over what the function tells with the package's Progress, as JSON, from
// the call of this method on; what it has told before is not kept. The sequence suspends
// the task that ranges over it until there is more, and ends with the job, without its
// error. One that is read slowly loses the oldest, and keeps the newest 64: progress is
// for bars and logs. Each call has a sequence of its own. If ctx is canceled, the last pair
// is nil and an error that is ErrCanceled; the job goes on. In Python: Celery's
// update_state.
func (h *Job[Out]) Progress(ctx context.Context) iter.Seq2[json.RawMessage, error] {
	h.future.Done() // panics on another goroutine
	j := h.job
	l := &listener{of: &j.listeners}
	if !j.settled {
		j.x.listen()
		j.listeners.add(l)
	}
	return func(yield func(json.RawMessage, error) bool) {
		for {
			l.awake.Clear()
			v, ok, more := l.take()
			switch {
			case ok && yield(v, nil):
			case ok, !more:
				return
			default:
				if err := l.awake.Wait(ctx); err != nil {
					yield(nil, err)
					return
				}
			}
		}
	}
}

func (ls *listeners) add(l *listener) {
	ls.mu.Lock()
	defer ls.mu.Unlock()
	ls.all = append(ls.all, l)
}
