package asyncio

import (
	"runtime/debug"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// observer tells the hooks what the engine tells it.
type observer struct {
	loop  *Loop
	hooks *Hooks
}

func (o observer) tell(hook func(HookEvent), t *engine.Task, e HookEvent) {
	if hook == nil {
		return
	}
	e.Time, e.Pass = o.loop.Now(), o.loop.core.Stats().Passes
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

// endByGoexit ends the program, for a hook has called Goexit. Nothing can stop
// that: it would unwind the stack that the hook is on, which is the loop's, in
// the middle of its work, or that of a task which has nothing to do with it.
func endByGoexit(stack []byte) {
	go panic("asyncio: a hook has called runtime.Goexit, which would unwind the stack of whichever task is at hand: use t.Error in place of t.Fatal\n\n" + string(stack))
	select {} // nothing must be unwound meanwhile
}

// callHook calls a hook and keeps a panic of it from the stack that it runs on: that
// may be the stack of a task that has nothing to do with it.
func (l *Loop) callHook(hook func(HookEvent), e HookEvent) {
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			l.report(ExceptionContext{Message: "panic in a hook", Err: &PanicError{v, stack}, Stack: stack})
		}
	}()
	hook(e)
}

func (o observer) Spawned(t *engine.Task)   { o.tell(o.hooks.TaskSpawned, t, HookEvent{}) }
func (o observer) StepBegin(t *engine.Task) { o.tell(o.hooks.StepBegin, t, HookEvent{}) }
func (o observer) StepEnd(t *engine.Task)   { o.tell(o.hooks.StepEnd, t, HookEvent{}) }

func (o observer) Blocked(t *engine.Task, why engine.Reason) {
	o.tell(o.hooks.TaskBlocked, t, HookEvent{On: why.Describe()})
}

func (o observer) Woken(t *engine.Task, by string) {
	o.tell(o.hooks.TaskWoken, t, HookEvent{By: by})
}

func (o observer) Done(t *engine.Task) {
	o.tell(o.hooks.TaskDone, t, HookEvent{Err: t.Outcome()})
}

func (o observer) PassBegin(pass uint64, ready int) {
	o.tell(o.hooks.PassBegin, nil, HookEvent{Ready: ready})
}

func (o observer) PassEnd(pass uint64) { o.tell(o.hooks.PassEnd, nil, HookEvent{}) }
func (o observer) Callback()           { o.tell(o.hooks.Callback, nil, HookEvent{}) }

func (o observer) Timer(when time.Duration) { o.tell(o.hooks.Timer, nil, HookEvent{}) }

// tellThread tells the hooks of a function that begins or has ended on another
// goroutine, where the loop's own numbers cannot be read.
func (l *Loop) tellThread(begin bool, asked *engine.Task, thread string, err error) {
	if l.hooks == nil {
		return
	}
	hook := l.hooks.ThreadEnd
	if begin {
		hook = l.hooks.ThreadBegin
	}
	if hook != nil {
		l.callHook(hook, HookEvent{Time: l.Now(), Task: infoOfRunning(asked), Thread: thread, Err: err})
	}
}
