package timeline

import (
	"errors"
	"sync"

	"github.com/asyncio-go/asyncio"
)

// Recorder keeps what the hooks of a loop tell. Its zero value is ready.
type Recorder struct {
	mu     sync.Mutex // threads and the loop add events at the same time
	events []Event
}

// Hooks returns the hooks to give to [asyncio.Observe].
func (r *Recorder) Hooks() *asyncio.Hooks {
	return &asyncio.Hooks{
		TaskSpawned: r.on(TaskSpawned),
		StepBegin:   r.on(StepBegin),
		StepEnd:     r.on(StepEnd),
		TaskBlocked: r.on(TaskBlocked),
		TaskWoken:   r.on(TaskWoken),
		TaskDone:    r.on(TaskDone),
		PassBegin:   r.on(PassBegin),
		PassEnd:     r.on(PassEnd),
		ThreadBegin: r.on(ThreadBegin),
		ThreadEnd:   r.on(ThreadEnd),
	}
}

// Events returns what has happened so far.
func (r *Recorder) Events() []Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events[:len(r.events):len(r.events)] // events are only appended, so no copy is needed
}

func (r *Recorder) on(kind Kind) func(asyncio.HookEvent) {
	return func(h asyncio.HookEvent) {
		e := Event{
			Kind:   kind,
			At:     h.Time,
			Task:   h.Task.ID,
			Name:   nameOf(h.Task),
			On:     h.On,
			Thread: h.Thread,
		}
		if kind == TaskDone || kind == ThreadEnd {
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

func outcomeOf(err error) Outcome {
	switch {
	case err == nil:
		return Done
	case errors.Is(err, asyncio.ErrCanceled):
		return Canceled
	default:
		return Failed
	}
}
