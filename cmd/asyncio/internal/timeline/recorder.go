package timeline

import (
	"errors"
	"sync"

	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/timeline"
)

var start = time.Now()

// Recorder keeps what the hooks of a loop tell. Its zero value is ready.
type Recorder struct {
	mu     sync.Mutex // threads and the loop add events at the same time
	events []timeline.Event
}

// Hooks returns the hooks to give to [asyncio.Observe].
func (r *Recorder) Hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		TaskSpawned: r.on(timeline.TaskSpawned),
		StepBegin:   r.on(timeline.StepBegin),
		StepEnd:     r.on(timeline.StepEnd),
		TaskBlocked: r.on(timeline.TaskBlocked),
		TaskWoken:   r.on(timeline.TaskWoken),
		TaskDone:    r.on(timeline.TaskDone),
		PassBegin:   r.on(timeline.PassBegin),
		PassEnd:     r.on(timeline.PassEnd),
		ThreadBegin: r.on(timeline.ThreadBegin),
		ThreadEnd:   r.on(timeline.ThreadEnd),
	}
}

// Events returns what has happened so far.
func (r *Recorder) Events() []timeline.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[:len(r.events):len(r.events)] // events are only appended, so no copy is needed
}

func (r *Recorder) on(kind timeline.Kind) func(asyncio.HookEvent) {
	return func(h asyncio.HookEvent) {
		e := timeline.Event{
			Kind:   kind,
			At:     h.Time.Sub(start),
			Task:   h.Task.ID,
			Name:   nameOf(h.Task),
			On:     h.On,
			Thread: h.Thread,
		}
		if kind == timeline.TaskDone || kind == timeline.ThreadEnd {
			e.Outcome = outcomeOf(h.Err)
		}
		r.mu.Lock()
		r.events = append(r.events, e)
		r.mu.Unlock()
	}
}

// nameOf calls the first task of a loop main, after the function it runs; the
// loop itself numbers the tasks that nobody has named, as Python's does.
func nameOf(t asyncio.TaskInfo) string {
	if t.ID == 1 && t.Name == "Task-1" {
		return "main"
	}
	return t.Name
}

func outcomeOf(err error) timeline.Outcome {
	switch {
	case err == nil:
		return timeline.Done
	case errors.Is(err, asyncio.ErrCanceled):
		return timeline.Canceled
	default:
		return timeline.Failed
	}
}

// Since converts a time to that of events.
func Since(t time.Time) time.Duration { return t.Sub(start) }
