// Package timeline draws what happened on an event loop as text: one row per task and
// per thread, with time from left to right. Where there are simulated hosts, the rows of
// each host are a band, below a lane that shows when the host is up, and arrows between
// the lanes are what the hosts send. The tour, which colors its drawings,
// trace.Recording.Timeline, whose drawings are plain, and the logs of package asynciotest
// share it.
//
// The two steps are apart, so that each can be tested alone: a [Builder] turns [Event]
// values into a [Chart], and [Chart.Render] turns a chart into lines of text of a given
// width. Neither knows a loop or a terminal: the caller passes the characters, the
// colors, and how wide a character is.
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
	TaskHosted
	HostUp
	HostDown
	MessageSent
)

// Event is one thing that happened on a loop or on a thread beside it.
type Event struct {
	Kind      Kind
	At        time.Duration // since any moment; the chart begins with the earliest event
	Loop      int           // which loop, if there are several
	Task      uint64        // which task of that loop; 0 for passes
	Name      string        // the task's name
	On        string        // TaskBlocked: what the task waits for
	Thread    string        // ThreadBegin, ThreadEnd: which thread
	Elsewhere bool          // ThreadBegin, ThreadEnd: it is no thread, but something else beside the loop, such as a worker on another machine
	Outcome   Outcome       // TaskDone, ThreadEnd: how it ended
	Host      string        // TaskHosted, HostUp, HostDown, MessageSent: which host; TaskSpawned: that of the test itself
	To        string        // MessageSent: the host to which it was sent
	Arrives   time.Duration // MessageSent: when it arrives there
	Message   MessageKind   // MessageSent: what it is
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
