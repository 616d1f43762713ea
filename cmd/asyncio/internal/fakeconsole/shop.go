package fakeconsole

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// At is when the state of Shop was taken: an hour after its console came.
const At = int64(time.Hour)

// ago returns a time before At.
func ago(d time.Duration) int64 { return At - int64(d) }

// Shop returns the console of a made-up program, in which a good deal happens: two
// orders have locked each other out, a group is full, a name wants to steer the terminal.
func Shop(pid int) *Console {
	c := New(wire.Hello{
		V: wire.Version, PID: pid, Program: "shop", Go: "go1.26.8", Actions: true,
		Loops: []wire.Loop{{ID: 1, Name: "loop 1"}},
	}, shop())
	c.Details = map[uint64]*wire.TaskDetail{4: lockedOut(c.Snapshots[1])}
	c.Dump = "loop 1: 13 tasks\n  1 main waits for group \"shop\"\n"
	c.Recording = "recording"
	return c
}

func shop() *wire.Snapshot {
	deadline := At + int64(4500*time.Millisecond)
	return &wire.Snapshot{
		Loop: 1, At: At, Pass: [2]uint64{81234, 81234},
		Tasks:  append(shopTasks(deadline), ended()),
		Groups: shopGroups(deadline),
		Objects: []wire.Object{
			{ID: 1, Kind: "lock", Name: "stock", Holder: 5, Since: ago(12 * time.Second), Waiters: 2},
			{ID: 2, Kind: "lock", Name: "till", Holder: 4, Since: ago(12 * time.Second), Waiters: 1},
			{ID: 3, Kind: "queue", Name: "parcels", Len: 0, Cap: 10, Waiters: 1},
		},
		Timers: []wire.Timer{}, Pools: []wire.Pool{}, Threads: []wire.Thread{},
		Stats: wire.Stats{
			Passes: 81234, Rate: 43.2, Busy: 0.124, Lag: make([]uint64, 32),
			P50: int64(20 * time.Microsecond), P99: int64(1200 * time.Microsecond), Ready: 1, Live: 13,
		},
		Warnings: shopWarnings(),
	}
}

func shopTasks(deadline int64) []wire.Task {
	waits := func(id uint64, name string, since time.Duration, w wire.Wait) wire.Task {
		w.Since = ago(since)
		return wire.Task{ID: id, Name: name, Parent: 1, Group: 1, State: wire.Waiting, Since: w.Since, Steps: 3 * id, Busy: int64(id) * 410_000, Wait: &w}
	}
	main := waits(1, "main", 3599*time.Second, wire.Wait{Kind: "group", Name: "shop", Text: `group "shop"`, By: []uint64{2, 3, 4, 5, 6, 7}})
	main.Parent, main.Group = 0, 0
	report := wire.Task{ID: 7, Name: "report", Parent: 1, Group: 1, State: wire.Running, Since: ago(3 * time.Millisecond), Steps: 1234567, Busy: int64(431 * time.Second), Created: []wire.Frame{}}
	mail := wire.Task{ID: 9, Name: "mail", Parent: 6, Group: 3, State: wire.Ready, By: "timer", Since: ago(40 * time.Microsecond), Steps: 12, Busy: 12_000}
	held := wire.Task{ID: 11, Name: "mail", Parent: 6, Group: 3, State: wire.Held, Since: ago(2 * time.Second)}
	fetch := waits(10, "mail", 1100*time.Millisecond, wire.Wait{Kind: "read", Name: "10.0.0.7:25", Text: "read 10.0.0.7:25", Until: deadline})
	fetch.Parent, fetch.Group, fetch.Canceled = 6, 3, ago(6*time.Second)
	loose := waits(12, "a task with a very long name, 日本語 and \x1b]0;a title\a for the terminal", 90*time.Second, wire.Wait{Kind: "sleep", Text: "sleep 2m0s", Until: At + int64(30*time.Second)})
	loose.Group = 0
	return []wire.Task{
		main,
		waits(2, "http", 1300*time.Millisecond, wire.Wait{Kind: "accept", Name: "127.0.0.1:8080", Text: "accept 127.0.0.1:8080"}),
		waits(3, "order 17", 11*time.Second, wire.Wait{Kind: "lock", Obj: 1, Name: "stock", Text: `lock "stock"`, By: []uint64{5}}),
		waits(4, "order 18", 12*time.Second, wire.Wait{Kind: "lock", Obj: 1, Name: "stock", Text: `lock "stock"`, By: []uint64{5}}),
		waits(5, "order 19", 12*time.Second, wire.Wait{Kind: "lock", Obj: 2, Name: "till", Text: `lock "till"`, By: []uint64{4}}),
		waits(6, "mailer", 5*time.Second, wire.Wait{Kind: "group", Name: "mails", Text: `group "mails"`, By: []uint64{9, 10, 11}}),
		report,
		waits(8, "packer", 30*time.Second, wire.Wait{Kind: "queue get", Obj: 3, Name: "parcels", Text: `queue get "parcels"`}),
		mail, fetch, held, loose,
	}
}

func ended() wire.Task {
	return wire.Task{ID: 13, Name: "order 16", Parent: 1, Group: 1, State: wire.Done, Outcome: wire.Failed, Error: "no such article", Since: ago(20 * time.Second), Ended: ago(20 * time.Second), Steps: 4, Busy: 52_000}
}

func shopGroups(deadline int64) []wire.Group {
	return []wire.Group{
		{ID: 1, Kind: "group", Name: "shop", Owner: 1, Children: 7},
		{ID: 2, Kind: "timeout", Owner: 6, Deadline: deadline},
		{ID: 3, Kind: "group", Name: "mails", Owner: 6, Parent: 2, Limit: 2, Running: 2, Held: 1, Children: 3},
	}
}

func shopWarnings() []wire.Warning {
	return []wire.Warning{
		{
			ID: wire.Deadlock, Key: "deadlock 4 5", Tasks: []uint64{4, 5}, Task: 4, At: ago(12 * time.Second), Count: 1,
			Title: "Deadlock of 2 tasks", Text: "order 18 waits for lock \"stock\", which order 19 holds; order 19 waits for lock \"till\", which order 18 holds",
			Cure: "acquire locks in the same order everywhere, or wait with a timeout",
			Cycle: []wire.Edge{
				{Task: 4, Name: "order 18", Wait: `lock "stock"`, Obj: 1, Object: "stock", Since: ago(12 * time.Second), Holder: 5, Frame: &wire.Frame{Func: "main.order", File: "order.go", Line: 40}},
				{Task: 5, Name: "order 19", Wait: `lock "till"`, Obj: 2, Object: "till", Since: ago(12 * time.Second), Holder: 4},
			},
			Frame: &wire.Frame{Func: "main.order", File: "order.go", Line: 40},
		},
		{
			ID: wire.BlockedStep, Key: "blocked-step 7", Tasks: []uint64{7}, Task: 7, At: ago(30 * time.Second), Ended: ago(29 * time.Second), Count: 3, For: int64(180 * time.Millisecond),
			Title: "A step took 180ms", Text: "report held the loop, and nobody else ran.", Cure: "Move the work to a thread: asyncio.ToThread.",
			Frame: &wire.Frame{Func: "main.report", File: "report.go", Line: 12},
		},
	}
}

func lockedOut(s *wire.Snapshot) *wire.TaskDetail {
	d := &wire.TaskDetail{Task: s.Tasks[3], Steps32: make([]uint64, 32)}
	d.Steps32[3], d.Steps32[5] = 9, 3
	d.Begun, d.Function, d.Place, d.Longest = ago(13*time.Second), "main.order", "order.go:21", 31_000
	d.Stack = []wire.Frame{{Func: "asyncio.(*Lock).Acquire", File: "lock.go", Line: 60}, {Func: "main.order", File: "order.go", Line: 40}}
	d.Events = []wire.Event{
		{At: ago(13 * time.Second), Kind: "spawned", Text: "created by main"},
		{At: ago(12 * time.Second), For: 31_000, Kind: "waits", Text: `waits for lock "stock"`},
	}
	return d
}

// Stuck returns the console of a program whose loop does not answer, because a task
// sleeps where it must not.
func Stuck(pid int) *Console {
	c := Shop(pid)
	s := c.Snapshots[1]
	s.Stale, s.Dropped = true, 1234
	s.Stuck = &wire.Stuck{
		Task: 7, Name: "report", For: int64(3200 * time.Millisecond), State: "sleep",
		Stack:  []wire.Frame{{Func: "time.Sleep", File: "time.go", Line: 360}, {Func: "main.report", File: "report.go", Line: 12}},
		Advice: "time.Sleep holds the loop; asyncio.Sleep does not.",
	}
	return c
}
