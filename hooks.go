package asyncio

import (
	"fmt"
	"time"
)

// Hooks are functions that a loop calls to tell what it does, for timelines, traces and
// tests. Give them to [Run] with [Observe]. A nil function is not called; a loop without
// Hooks pays nothing for them.
//
// Every function is called on the loop, between two instructions of the
// engine, except ThreadBegin and ThreadEnd, which are called on the goroutine that does
// the work, in parallel with everything else. A hook must not suspend, must not call back
// into the loop and must not end the goroutine: it runs on the stack of whichever task
// happens to run. So use t.Error in place of t.Fatal, which would end the program. A
// panic in a hook goes to the exception handler.
type Hooks struct {
	TaskSpawned func(HookEvent) // a task was created; Task.Parent is its creator's ID
	StepBegin   func(HookEvent) // the task runs from here ...
	StepEnd     func(HookEvent) // ... to here
	TaskBlocked func(HookEvent) // the task waits now; On says for what. Comes before its StepEnd
	TaskWoken   func(HookEvent) // what the task waited for has come; By says who brought it
	TaskDone    func(HookEvent) // the task has ended; Err is its error. Comes before its StepEnd
	PassBegin   func(HookEvent) // a pass of the loop begins; Ready events will run in it
	PassEnd     func(HookEvent) // the pass has ended
	Callback    func(HookEvent) // a callback of CallSoon, CallLater, AddDoneCallback ... is about to run
	Timer       func(HookEvent) // a deadline was reached
	ThreadBegin func(HookEvent) // a function of ToThread or RunInExecutor starts; Thread names its thread
	ThreadEnd   func(HookEvent) // it has returned; Err is its error
}

// HookEvent is what a hook is told. Fields that have no meaning for a hook are zero.
type HookEvent struct {
	Time   time.Time // the loop's clock, as [Loop.Now]
	Pass   uint64    // number of the pass, from 1
	Task   TaskInfo  // the task it is about; for thread events, the task that asked for the function
	On     string    // TaskBlocked: "sleep 2s", "task \"A\"", "gather", "lock" ...
	By     string    // TaskWoken: "task \"B\"", "timer", "callback", "cancel", "context", "thread" ...
	Thread string    // ThreadBegin, ThreadEnd: "thread-1", "worker-2" ...
	Ready  int       // PassBegin: how many events run in this pass
	Err    error     // TaskDone, ThreadEnd
}

// TaskState says where in its life a task is.
type TaskState uint8

const (
	TaskReady   TaskState = iota // will run in this pass or the next
	TaskRunning                  // runs now
	TaskWaiting                  // suspended; TaskInfo.WaitingOn says on what
	TaskDone                     // has ended
)

// String returns "ready", "running", "waiting" or "done", and for a number that is no
// state, such as 200, "TaskState(200)".
func (s TaskState) String() string {
	names := [...]string{"ready", "running", "waiting", "done"}
	if int(s) >= len(names) {
		return fmt.Sprintf("TaskState(%d)", uint8(s))
	}
	return names[s]
}
