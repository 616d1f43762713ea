package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An Event is a flag that tasks can wait for. The zero Event is not set. In
// Python: asyncio.Event. For the loop only.
type Event struct {
	binding
	set     bool
	waiters engine.Waiters
}

// Set sets the flag and wakes all tasks that wait, in the order in which they came;
// they go on even if Clear follows at once. It does not suspend.
func (e *Event) Set() {
	e.check("Event.Set")
	e.set = true
	e.waiters.WakeAll()
}

// Clear takes the flag back. It does not suspend.
func (e *Event) Clear() {
	e.check("Event.Clear")
	e.set = false
}

// IsSet reports whether the flag is set.
func (e *Event) IsSet() bool {
	e.check("Event.IsSet")
	return e.set
}

// Wait suspends the calling task until the flag is set. It does not suspend if the flag
// is set already. If ctx is canceled, it returns an error that is ErrCanceled.
func (e *Event) Wait(ctx context.Context) error {
	w, err := engine.Begin(ctx, "Event.Wait")
	if err != nil {
		return err
	}
	e.bind(w, "Event.Wait")
	if e.set {
		return nil
	}
	return w.Park(&e.waiters, (*eventWait)(e))
}

// SetName gives the event a name, which all reports about it show. It does not suspend.
// For the loop only; before the event is used there, the goroutine that makes it may call
// SetName.
func (e *Event) SetName(name string) {
	e.check("Event.SetName")
	setName(&e.object, (*eventWait)(e), e.loop, name)
}

var labelEvent = engine.NewLabel("event")

// eventWait is an event as what a task waits for.
type eventWait Event

func (w *eventWait) Describe() string { return described(labelEvent, w.object) }

func (w *eventWait) Ref(l *engine.Loop) engine.Ref {
	if n := w.object.In(l); n != 0 {
		return engine.Ref{Label: labelEvent, Number: n}
	}
	return refTo(&w.object, w, l, labelEvent)
}

func (w *eventWait) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelEvent, Waiters: w.waiters.Len()}
}
