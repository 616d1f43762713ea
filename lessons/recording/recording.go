// Package recording records what a program of the tour does, event by event, on the
// virtual clock. It also computes the state of the program after any number of events;
// this is called folding. docs/design/tour.md describes the format.
package recording

import (
	"encoding/json"
	"fmt"
	"time"
)

// Version is the version of the format.
const Version = 1

// A Recording is what a program has done. Times are those of its clock, since its start.
type Recording struct {
	Version int               `json:"version"`
	Lesson  string            `json:"lesson"`
	Values  map[string]string `json:"values,omitempty"` // of all parameters
	Length  time.Duration     `json:"length"`
	Tasks   []Task            `json:"tasks"`            // in the order in which they were created
	Groups  []Group           `json:"groups,omitempty"` // likewise
	Events  []Event           `json:"events"`           // the first to happen comes first
	Ways    []Way             `json:"ways,omitempty"`   // the same work done in other ways
	Error   string            `json:"error,omitempty"`  // how the program ended, if it failed
}

// A Way is the recording of another program that does the same work.
type Way struct {
	Name      string     `json:"name"`
	Recording *Recording `json:"recording"`
}

// A Task is one that the program has created.
type Task struct {
	ID     uint64 `json:"id"` // from 1
	Name   string `json:"name"`
	Parent uint64 `json:"parent,omitempty"` // that has created it
	Group  uint64 `json:"group,omitempty"`  // whose child it is
}

// A Group is a task group that the program has opened.
type Group struct {
	ID   uint64 `json:"id"`
	Name string `json:"name,omitempty"`
	Task uint64 `json:"task,omitempty"` // that has opened it
}

// The kinds of events. Which fields of an Event they use is in docs/design/tour.md.
const (
	Pass   = "pass"
	Spawn  = "spawn"
	Hold   = "hold"
	Push   = "push"
	Take   = "take"
	Begin  = "begin"
	End    = "end"
	Call   = "call"
	Called = "called"
	Wake   = "wake"
	Timer  = "timer"
	Due    = "due"
	Stop   = "stop"
	Opened = "group"
	Left   = "left"
	Cancel = "cancel"
	Done   = "done"
	Print  = "print"
	Report = "report"
	Work   = "work"
	Block  = "block"
	Row    = "row"
	Asleep = "asleep"
	Awake  = "awake"
	Over   = "over"
)

// How the step of a task ends.
const (
	Yields = "yields"
	Waits  = "waits"
	Ends   = "ends"
	Pauses = "pauses"
)

// An Event is something that has happened.
type Event struct {
	Kind string        `json:"k"`
	T    time.Duration `json:"t"`

	Task  uint64 `json:"task,omitempty"`
	Row   string `json:"row,omitempty"`
	Line  int    `json:"line,omitempty"` // of the program as it is shown, from 1; 0: not known
	Step  int    `json:"step,omitempty"`
	How   string `json:"how,omitempty"`
	Wait  *Wait  `json:"wait,omitempty"`
	By    *Item  `json:"by,omitempty"`
	Error string `json:"error,omitempty"`
	Text  string `json:"text,omitempty"`
	Name  string `json:"name,omitempty"`

	N     uint64 `json:"n,omitempty"`
	Ready int    `json:"ready,omitempty"`
	Slot  uint64 `json:"slot,omitempty"`
	Item  *Item  `json:"item,omitempty"`
	Back  bool   `json:"back,omitempty"`

	ID    uint64        `json:"id,omitempty"`
	At    time.Duration `json:"at,omitempty"`
	For   For           `json:"for,omitzero"`
	Until time.Duration `json:"until,omitempty"`

	Group   uint64 `json:"group,omitempty"`
	RowKind string `json:"kind,omitempty"`
	Busy    bool   `json:"busy,omitempty"`
}

// An Item says who did something, or what is in the ready queue.
type Item struct {
	Kind string `json:"kind"` // "task", "timer", "callback", "thread", "cancel", "end", "loop" ...
	Task uint64 `json:"task,omitempty"`
	Name string `json:"name,omitempty"`
	Line int    `json:"line,omitempty"` // where the function of a callback begins
}

// A Wait is what a task waits for.
type Wait struct {
	Kind  string        `json:"kind"` // "sleep", "task", "lock", "queue get", "gather" ...
	Name  string        `json:"name,omitempty"`
	Task  uint64        `json:"task,omitempty"`  // the one that is waited for, or that has the lock
	Tasks []uint64      `json:"tasks,omitempty"` // those that are waited for
	Until time.Duration `json:"until,omitempty"` // its deadline
}

// A For is what a timer is for, or how long something takes. In JSON it is a string or a
// number.
type For struct {
	What string
	Long time.Duration
}

// MarshalJSON makes a For a json.Marshaler.
func (f For) MarshalJSON() ([]byte, error) {
	if f.What != "" {
		return json.Marshal(f.What)
	}
	return json.Marshal(int64(f.Long))
}

// UnmarshalJSON makes a For a json.Unmarshaler.
func (f *For) UnmarshalJSON(b []byte) error {
	*f = For{}
	if len(b) > 0 && b[0] == '"' {
		return json.Unmarshal(b, &f.What)
	}
	var n int64
	if err := json.Unmarshal(b, &n); err != nil {
		return fmt.Errorf("for: has to be a word or a number of nanoseconds: %w", err)
	}
	f.Long = time.Duration(n)
	return nil
}
