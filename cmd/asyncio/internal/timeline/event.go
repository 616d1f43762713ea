// Package timeline records what happens on an event loop and draws it: one
// row per task and per thread, with time from left to right.
//
// The three steps are apart, so that each can be tested alone: a [Recorder]
// listens to a loop's hooks and keeps [Event] values, [Build] turns events
// into a [Chart], and [Chart.Render] turns a chart into lines of text of a
// given width. Only the first of them knows a loop.
package timeline

import "time"

// Kind says what an Event is about.
type Kind uint8

// What can happen.
const (
	TaskSpawned Kind = iota
	StepBegin
	StepEnd
	TaskBlocked
	TaskWoken
	TaskDone
	PassBegin
	PassEnd
	ThreadBegin
	ThreadEnd
)

// Event is one thing that happened on a loop or on a thread beside it.
type Event struct {
	Kind    Kind
	At      time.Time
	Task    uint64  // which task; 0 for passes
	Name    string  // the task's name
	On      string  // TaskBlocked: what the task waits for
	Thread  string  // ThreadBegin, ThreadEnd: which thread
	Outcome Outcome // TaskDone, ThreadEnd: how it ended
}

// Outcome says how a task or a function on a thread ended.
type Outcome uint8

// The outcomes. Open is the zero value: not ended yet.
const (
	Open Outcome = iota
	Done
	Failed
	Canceled
)
