package asyncio

import (
	"runtime/debug"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An observer tells hooks what the engine tells it.
type observer struct {
	loop  *Loop
	hooks *Hooks
	kinds engine.Kinds
}

// newObserver asks the engine only for what there is a hook for.
func newObserver(l *Loop, h *Hooks) *observer {
	o := &observer{loop: l, hooks: h}
	want := func(hook func(HookEvent), kinds ...engine.Kind) {
		if hook != nil {
			o.kinds |= engine.Of(kinds...)
		}
	}
	want(h.TaskSpawned, engine.Spawned)
	want(h.StepBegin, engine.Begins)
	want(h.StepEnd, engine.Yields, engine.Waits, engine.Ends, engine.Pauses)
	want(h.TaskBlocked, engine.Waits)
	want(h.TaskWoken, engine.Woken)
	want(h.TaskDone, engine.Returned, engine.Failed, engine.Canceled, engine.Panicked)
	want(h.PassBegin, engine.PassBegun)
	want(h.PassEnd, engine.PassOver)
	want(h.Callback, engine.Calls)
	want(h.Timer, engine.Expired)
	return o
}

// Kinds makes an observer an engine.Listener.
func (o *observer) Kinds() engine.Kinds { return o.kinds }

// Hear makes an observer an engine.Listener.
func (o *observer) Hear(k engine.Kind, t *engine.Task, arg uint64) {
	switch h := o.hooks; k {
	case engine.Spawned:
		o.tell(h.TaskSpawned, t, HookEvent{})
	case engine.Begins:
		o.tell(h.StepBegin, t, HookEvent{})
	case engine.Waits:
		if h.TaskBlocked != nil {
			o.tell(h.TaskBlocked, t, HookEvent{On: t.WaitsFor().Describe()})
		}
		o.tell(h.StepEnd, t, HookEvent{})
	case engine.Yields, engine.Ends, engine.Pauses:
		o.tell(h.StepEnd, t, HookEvent{})
	case engine.Woken:
		o.tell(h.TaskWoken, t, HookEvent{By: o.loop.core.WokenBy()})
	case engine.Returned, engine.Failed, engine.Canceled, engine.Panicked:
		o.tell(h.TaskDone, t, HookEvent{Err: t.Outcome()})
	case engine.PassBegun:
		o.tell(h.PassBegin, nil, HookEvent{Ready: int(arg)})
	case engine.PassOver:
		o.tell(h.PassEnd, nil, HookEvent{})
	case engine.Calls:
		o.tell(h.Callback, nil, HookEvent{})
	case engine.Expired:
		o.tell(h.Timer, nil, HookEvent{})
	}
}

func (o *observer) tell(hook func(HookEvent), t *engine.Task, e HookEvent) {
	if hook == nil {
		return
	}
	e.Time, e.Pass = o.loop.Now(), o.loop.core.Passes()
	if t != nil {
		e.Task = infoOf(t)
	}
	returned := false
	defer func() {
		if !returned {
			endByGoexit(debug.Stack())
		}
	}()
	o.loop.callHook(hook, e)
	returned = true
}

// endByGoexit ends the program, because a hook has called Goexit. Nothing can stop a
// Goexit: it would unwind the stack that the hook is on, which is that of the loop, in
// the middle of its work, or of a task that has nothing to do with the hook.
func endByGoexit(stack []byte) {
	go panic("asyncio: a hook has called runtime.Goexit, which would unwind the stack of whichever task is at hand: use t.Error in place of t.Fatal\n\n" + string(stack))
	select {} // nothing must be unwound meanwhile
}

// callHook calls a hook and recovers its panic: the hook may run on the stack of a task
// that has nothing to do with it.
func (l *Loop) callHook(hook func(HookEvent), e HookEvent) {
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			l.report(ExceptionContext{Message: "panic in a hook", Err: &PanicError{v, stack}, Stack: stack})
		}
	}()
	hook(e)
}

// tellThread tells those who watch that a function begins, or has ended, on another
// goroutine. The loop's own counts cannot be read there.
func (l *Loop) tellThread(begin bool, asked *engine.Task, thread string, err error) {
	if !l.core.Heard() {
		return
	}
	k, task := engine.Finished, uint64(0)
	if begin {
		k = engine.Began
	}
	if asked != nil {
		task = asked.ID()
	}
	l.core.TellRow(k, engine.Row{Label: engine.LabelThread, Name: thread, Task: task}, err)
	for _, h := range l.hooks {
		hook := h.ThreadEnd
		if begin {
			hook = h.ThreadBegin
		}
		if hook != nil {
			l.callHook(hook, HookEvent{Time: l.Now(), Task: infoOfRunning(asked), Thread: thread, Err: err})
		}
	}
}
