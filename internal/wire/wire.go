// Package wire has the types of the answers of a console: the JSON of its paths under
// /v1. Package console writes it; the command, the page and other programs read it.
// docs/design/console.md describes the paths.
//
// All times are nanoseconds since the epoch that Hello names, all durations
// nanoseconds. Zero, or nothing, stands for what is not known; lists are never null.
package wire

// Version is the version of the format. A reader that gets another version must say so,
// and stop.
const Version = 1

// Hello is the answer of /v1/hello.
type Hello struct {
	V       int    `json:"v"`
	PID     int    `json:"pid"`
	Program string `json:"program"` // the name of the executable, without its folder
	Go      string `json:"go"`      // the release of Go
	Loops   []Loop `json:"loops"`   // those that run, oldest first
	Epoch   int64  `json:"epoch"`   // the time from which all others count, in Unix nanoseconds
	Limits  Limits `json:"limits"`
	Actions bool   `json:"actions"`          // /v1/cancel does something
	Length  int64  `json:"length,omitempty"` // it is a recording of such a length, and nothing runs
}

// A Loop is a loop of the process.
type Loop struct {
	ID   int    `json:"id"`   // from 1, in the order in which the console met them; no other loop of the process has it
	Name string `json:"name"` // "loop 1"
}

// Limits says what the console keeps at most.
type Limits struct {
	History int64 `json:"history"` // bytes of events for each loop
	Seconds int   `json:"seconds"` // how long a task stays in the list after its end
	Ended   int   `json:"ended"`   // how many ended tasks stay in the list at most
	Records int   `json:"records"` // events in one frame
	Clients int   `json:"clients"`
}

// Snapshot is the answer of /v1/snapshot: the state of one loop. Tasks are sorted by
// ID, those that have ended last.
type Snapshot struct {
	Loop      int       `json:"loopID"`
	At        int64     `json:"at"`    // when it was taken
	Pass      [2]uint64 `json:"pass"`  // the passes in which it was begun and ended
	Stale     bool      `json:"stale"` // the loop does not answer: this is the last one, but for Stuck
	Stuck     *Stuck    `json:"stuck,omitempty"`
	Truncated int       `json:"truncated,omitempty"` // how many tasks are left out, because of limit
	Dropped   uint64    `json:"dropped"`             // events that were lost since the console was attached
	Tasks     []Task    `json:"tasks"`
	Groups    []Group   `json:"groups"`
	Objects   []Object  `json:"objects"`
	Timers    []Timer   `json:"timers"` // the next ones, at most 100
	Pools     []Pool    `json:"pools"`
	Threads   []Thread  `json:"threads"`
	Beside    []Beside  `json:"beside,omitempty"` // what rows beside the loop have done in all
	Hosts     []Host    `json:"hosts,omitempty"`  // simulated ones, in the order in which they came up first
	Stats     Stats     `json:"loop"`
	Warnings  []Warning `json:"warnings"`
}

// Stuck is the step in which a loop that does not answer stands.
type Stuck struct {
	Task   uint64  `json:"task,omitempty"` // 0: a callback
	Name   string  `json:"name,omitempty"`
	For    int64   `json:"for"`
	State  string  `json:"state"` // as the runtime calls it: "running", "chan receive"
	Stack  []Frame `json:"stack"`
	Advice string  `json:"advice,omitempty"`
}

// States of a task.
const (
	Held    = "held"    // it has not started, because of the limit of its group
	Ready   = "ready"   // it can go on, and waits for its turn
	Running = "running" // it runs now, or it has started another task eagerly, which runs
	Waiting = "waiting"
	Done    = "done"
)

// Outcomes of a task that is done.
const (
	Returned = "returned"
	Failed   = "failed"
	Canceled = "canceled"
	Panicked = "panicked"
)

// A Task is one line of the table.
type Task struct {
	ID       uint64  `json:"id"`
	Name     string  `json:"name"`
	Parent   uint64  `json:"parent"`         // who has created it
	Group    uint64  `json:"group"`          // the group that it belongs to
	Host     string  `json:"host,omitempty"` // the simulated host that it is on; "": where the test itself is
	State    string  `json:"state"`
	Wait     *Wait   `json:"wait"`               // State is waiting
	By       string  `json:"by,omitempty"`       // State is ready: what has woken it
	Since    int64   `json:"since,omitempty"`    // since when it is in its state
	Created  []Frame `json:"created"`            // innermost first; empty if it was created before someone looked
	Function string  `json:"function,omitempty"` // that of its coroutine: "main.worker"; in TaskDetail alone, if it is known
	Place    string  `json:"place,omitempty"`    // where it was created: "main.go:40"
	Begun    int64   `json:"begun,omitempty"`    // when it was created
	Steps    uint64  `json:"steps"`
	Busy     int64   `json:"busy"`               // time in steps
	Ready    int64   `json:"ready"`              // time in which it could have run
	Waiting  int64   `json:"waiting"`            // time in which it waited
	Longest  int64   `json:"longest"`            // its longest step
	Canceled int64   `json:"canceled,omitempty"` // since when it is asked to end
	Outcome  string  `json:"outcome,omitempty"`  // State is done
	Error    string  `json:"error,omitempty"`
	Ended    int64   `json:"ended,omitempty"`
}

// A Wait says what a task waits for.
type Wait struct {
	Kind  string   `json:"kind"` // "sleep", "lock", "queue get", "task", "gather", "read" ...
	Obj   uint64   `json:"obj"`  // the object, if it is one of Objects
	Name  string   `json:"name"` // its name, or what else tells it from others: the task, the address
	Text  string   `json:"text"` // all of it in words: `lock "db"`, `sleep 15s`, `task "A"`
	Since int64    `json:"since"`
	Until int64    `json:"until"` // when it ends by itself
	By    []uint64 `json:"by"`    // the tasks that it depends on: who holds the object, or is awaited
}

// A Group is a task group, or a timeout: a scope that a task has open.
type Group struct {
	ID       uint64 `json:"id"`
	Kind     string `json:"kind"` // "group" or "timeout"
	Name     string `json:"name,omitempty"`
	Owner    uint64 `json:"owner"`  // the task whose body it is
	Parent   uint64 `json:"parent"` // the group around it
	Limit    int    `json:"limit"`
	Running  int    `json:"running"`
	Held     int    `json:"held"` // children that the limit keeps back
	Deadline int64  `json:"deadline"`
	Children int    `json:"children"` // that have not ended
	Errors   int    `json:"errors"`
}

// An Object is something that tasks share and wait for, such as a lock.
type Object struct {
	ID      uint64 `json:"id"`
	Kind    string `json:"kind"` // "lock", "queue", "semaphore", "event", "condition", "barrier", "rwlock", "broadcast", "subscriber", "watch", "task set", "connection"
	Name    string `json:"name"`
	Holder  uint64 `json:"holder"`          // the task that has acquired it last, and not released it
	Since   int64  `json:"since,omitempty"` // since when it is held
	Len     int    `json:"len"`             // queue: items; semaphore: permits in use; barrier: tasks in it
	Cap     int    `json:"cap"`             // 0: no limit
	Waiters int    `json:"waiters"`
}

// A Timer is a deadline to come.
type Timer struct {
	At   int64  `json:"at"`
	For  string `json:"for"` // "callback", "sleep", "timeout" ...
	Task uint64 `json:"task,omitempty"`
}

// A Pool is an executor.
type Pool struct {
	Name    string `json:"name"`
	Workers int    `json:"workers"`
	Size    int    `json:"size"`
	Busy    int    `json:"busy"`
	Queued  int    `json:"queued"`
	Oldest  int64  `json:"oldest,omitempty"` // since when the oldest function waits
}

// A Thread is a row that is busy beside the loop: a function in a thread, or a row that a
// package has added. In a timeline, rows that are not in this list have ended, whatever
// the records say.
type Thread struct {
	ID    uint64 `json:"id"`             // its number in records
	Kind  string `json:"kind"`           // "thread": a function of ToThread, or of an executor; "remote": a job on a worker of package remote
	Name  string `json:"name"`           // "thread-1", "worker-2"
	What  string `json:"what,omitempty"` // what it does, if that is known: of a remote job, its function and its id
	Task  uint64 `json:"task,omitempty"`
	Since int64  `json:"since"`
}

// Beside says how much rows of a kind have done of one thing, since the console was attached.
type Beside struct {
	Kind     string `json:"kind"`           // see Thread
	What     string `json:"what,omitempty"` // the function of remote jobs; the 200 that came first have a line of their own
	Begun    uint64 `json:"begun"`
	Ended    uint64 `json:"ended"`
	Failed   uint64 `json:"failed"`   // of those that have ended
	Canceled uint64 `json:"canceled"` // likewise
}

// A Host is a simulated host of a test.
type Host struct {
	Name  string `json:"name"`
	Up    bool   `json:"up"`
	Since int64  `json:"since,omitempty"` // since when it runs, or does not
}

// Stats is the health of a loop.
type Stats struct {
	Passes  uint64   `json:"passes"`
	Rate    float64  `json:"rate"` // passes a second, in the last second
	Busy    float64  `json:"busy"` // the share of the last second in which the loop worked
	Lag     []uint64 `json:"lag"`  // [i]: how many of the waits for a turn in the last 10 s, that of one whose sleep is over from its deadline, took less than 2^i microseconds, and not less than half of that; 32
	P50     int64    `json:"p50"`  // of the lag
	P99     int64    `json:"p99"`
	Ready   int      `json:"ready"`
	Live    int      `json:"live"`
	Workers int      `json:"workers"`
	Timers  int      `json:"timers"`
	Watched int      `json:"watched"` // descriptors
}

// Kinds of warnings.
const (
	BlockedStep   = "blocked-step"
	NeverYields   = "never-yields"
	LongHeld      = "long-wait-on-lock"
	QueueGrows    = "queue-grows"
	CancelIgnored = "cancel-ignored"
	ErrorUnseen   = "error-unseen"
	Deadlock      = "deadlock"
	Spin          = "spin"
	TimerLate     = "timer-late"
	PoolFull      = "pool-full"
	TaskFlood     = "task-flood"
)

// A Warning is something that is wrong, or was.
type Warning struct {
	ID    string   `json:"id"`    // one of the kinds
	Key   string   `json:"key"`   // tells it from all others
	Tasks []uint64 `json:"tasks"` // the first is the one to blame
	Task  uint64   `json:"task"`
	Obj   uint64   `json:"obj"`
	At    int64    `json:"at"`              // since when
	Ended int64    `json:"ended,omitempty"` // it is over
	Count int      `json:"count"`           // how often it has come
	For   int64    `json:"for,omitempty"`   // how long it lasts, or has lasted
	Title string   `json:"title"`           // "Lock db is held for long"
	Text  string   `json:"text"`            // who, where, how much
	Cure  string   `json:"cure"`            // what to do
	Frame *Frame   `json:"frame"`
	Cycle []Edge   `json:"cycle,omitempty"` // a deadlock
}

// An Edge is one part of a deadlock: a task waits, for what another holds or is.
type Edge struct {
	Task   uint64 `json:"task"`
	Name   string `json:"name"`
	Wait   string `json:"wait"` // in words
	Obj    uint64 `json:"obj,omitempty"`
	Object string `json:"object,omitempty"`
	Since  int64  `json:"since,omitempty"`
	Holder uint64 `json:"holder"`         // the next one
	Held   int64  `json:"held,omitempty"` // since when it holds the object
	Frame  *Frame `json:"frame,omitempty"`
}

// A Frame is a place in the program.
type Frame struct {
	Func string `json:"func"`
	File string `json:"file"` // without its folder
	Path string `json:"path,omitempty"`
	Line int    `json:"line"`
}

// TaskDetail is the answer of /v1/task/ID.
type TaskDetail struct {
	Task
	Stack   []Frame  `json:"stack"`
	Events  []Event  `json:"events"`    // the last 200 of it, oldest first
	Steps32 []uint64 `json:"histogram"` // [i]: how many steps took less than 2^i microseconds; 32
}

// An Event is an event in words.
type Event struct {
	At   int64  `json:"at"`
	For  int64  `json:"for,omitempty"`
	Kind string `json:"kind"`
	Text string `json:"text"`
}

// Deadlocks is the answer of /v1/deadlocks.
type Deadlocks struct {
	Deadlocks []Warning `json:"deadlocks"`
}

// A Frame of /v1/live, each 100 ms: "event: frame". Its id is N.
type LiveFrame struct {
	N       uint64   `json:"n"`
	Loop    int      `json:"loop"`
	Past    bool     `json:"past,omitempty"` // it is of the time before the client came, which has asked for that; N is that of the last frame before it
	From    int64    `json:"from"`           // the time it is about
	To      int64    `json:"to"`
	Dropped uint64   `json:"dropped"`        // in all, since the console was attached
	Lost    uint64   `json:"lost,omitempty"` // of this very frame: events that no one saw
	Rec     []Record `json:"rec"`
	Text    []string `json:"text"`              // what records name by their place, from 1
	Sampled int      `json:"sampled,omitempty"` // so many records are left out, for there were too many; Bins stand for them
	Bins    []Bin    `json:"bins,omitempty"`
}

// A Record is [kind, t, from, task, arg, label, text]: see docs/design/console.md.
type Record [7]int64

// A Bin is what a task did in 10 ms: [task, t, busy ns, ready ns, steps].
type Bin [5]int64

// State is the event of /v1/live each second: "event: state". Tasks has the tasks that
// are new or have changed; Gone has those that are no longer in the list.
type State struct {
	Snapshot
	Full bool     `json:"full,omitempty"` // Tasks has all
	Gone []uint64 `json:"gone"`
}

// Cancel is the body of POST /v1/cancel.
type Cancel struct {
	Loop int    `json:"loop,omitempty"` // 0: the first
	Task uint64 `json:"task"`
}

// Error is the body of every answer that is an error.
type Error struct {
	Error string `json:"error"` // a sentence that says what to do
}
