package trace

import (
	"context"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Row is a row in recordings for something that runs beside the loop. [Lane] makes one.
type Row struct {
	label engine.Label
	name  string
}

// Lane returns a row in recordings for something that a package does beside the loop: a
// worker on another machine, for example, or a host of a simulated network. The library
// itself has rows for threads. kind is a word for what the row is, such as "worker"; a
// program should have few kinds. name tells the row from others of its kind. Two calls
// with the same kind and name return the same row. It panics if kind or name is empty.
// Any goroutine may call it.
func Lane(kind, name string) *Row {
	if kind == "" || name == "" {
		panic("asyncio: trace.Lane without a kind or a name: pass both, such as \"worker\" and \"worker-1\"")
	}
	return &Row{engine.NewLabel(kind), strings.TrimSpace(strings.ReplaceAll(name, "\n", " "))}
}

// Busy notes that the row begins to be busy for the task that ctx belongs to. Call done
// when the row is no longer busy, with the error of what it did, or nil; only the first
// call of done counts. The recorders of that task's loop record both; if there are none,
// or if ctx belongs to no loop, Busy does nothing. Any goroutine may call Busy and done.
func (r *Row) Busy(ctx context.Context) (done func(err error)) {
	if r == nil || r.name == "" {
		panic("asyncio: Row.Busy of a nil or zero Row: make one with trace.Lane")
	}
	l := engine.LoopOf(ctx)
	if l == nil || !l.Heard() {
		return func(error) {}
	}
	task := uint64(0)
	if t := engine.TaskOf(ctx); t != nil {
		task = t.ID()
	}
	r.tell(l, engine.Began, task, nil)
	once := make(chan struct{}, 1)
	return func(err error) {
		select {
		case once <- struct{}{}:
			r.tell(l, engine.Finished, task, err)
		default:
		}
	}
}

func (r *Row) tell(l *engine.Loop, k engine.Kind, task uint64, err error) {
	l.TellRow(k, engine.Row{Label: r.label, Name: r.name, Task: task}, err)
}
