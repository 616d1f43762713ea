package console

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio/internal/wire"
)

func TestFindCycles(t *testing.T) {
	lock := func(id uint64, by ...uint64) wire.Task { return waitingFor(id, "lock", sec, by...) }
	until := func(t wire.Task, at int64) wire.Task { t.Wait.Until = at; return t }
	for _, test := range []struct {
		name  string
		tasks []wire.Task
		want  string
	}{
		{"none", []wire.Task{lock(1, 2), lock(2, 3), waitingFor(3, "sleep", sec)}, "[]"},
		{"two tasks", []wire.Task{lock(1, 2), lock(2, 1)}, "[[1 2]]"},
		{"a ring", []wire.Task{lock(4, 7), lock(7, 5), lock(5, 4), lock(9, 4)}, "[[4 7 5]]"},
		{"a task and itself", []wire.Task{lock(3, 3)}, "[[3]]"},
		{"two of them", []wire.Task{lock(1, 2), lock(2, 1), lock(8, 9), lock(9, 8)}, "[[1 2] [8 9]]"},
		{"the shortest of one component", []wire.Task{lock(1, 2), waitingFor(2, "gather", sec, 3, 1), lock(3, 1)}, "[[1 2]]"},
		{"one awaits another that waits for its lock", []wire.Task{waitingFor(1, "task", sec, 2), lock(2, 1)}, "[[1 2]]"},
		{"a group", []wire.Task{waitingFor(1, "task group", sec, 2, 3), lock(2, 1), waitingFor(3, "sleep", sec)}, "[[1 2]]"},
		{"any of several may end it", []wire.Task{waitingFor(1, "wait", sec, 2, 3), lock(2, 1), waitingFor(3, "sleep", sec)}, "[]"},
		{"none of several can end it", []wire.Task{waitingFor(1, "wait", sec, 2, 3), lock(2, 1), lock(3, 1)}, "[[1 2]]"},
		{"all that a select waits for is held", []wire.Task{waitingFor(1, "select", sec, 2, 3), lock(2, 1), lock(3, 1)}, "[[1 2]]"},
		{"one has all that a select waits for", []wire.Task{waitingFor(1, "select", sec, 2, 2), lock(2, 1)}, "[[1 2]]"},
		{"a select of what is held goes on by another", []wire.Task{waitingFor(1, "select", sec, 2, 3), lock(2, 1), waitingFor(3, "sleep", sec)}, "[]"},
		{"a select that waits for no one in particular", []wire.Task{waitingFor(1, "select", sec), lock(2, 1)}, "[]"},
		{"a deadline ends it", []wire.Task{lock(1, 2), until(lock(2, 1), 99*sec)}, "[]"},
		{"it waits only now", []wire.Task{lock(1, 2), waitingFor(2, "lock", 10*sec-1, 1)}, "[]"},
		{"a permit of several may be released by others", []wire.Task{waitingFor(1, "semaphore", sec, 2), lock(2, 1)}, "[]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fmt.Sprint(findCycles(test.tasks, nil, 10*sec)); got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestSemaphoreOfOneIsALock(t *testing.T) {
	tasks := []wire.Task{waitingFor(1, "semaphore", sec, 2), waitingFor(2, "semaphore", sec, 1)}
	tasks[0].Wait.Obj, tasks[1].Wait.Obj = 7, 8
	objects := []wire.Object{{ID: 7, Kind: "semaphore", Cap: 1}, {ID: 8, Kind: "semaphore", Cap: 1}}
	if got := findCycles(tasks, objects, 10*sec); len(got) != 1 {
		t.Errorf("%v", got)
	}
	objects[1].Cap = 2
	if got := findCycles(tasks, objects, 10*sec); len(got) != 0 {
		t.Errorf("%v, though another permit may come", got)
	}
}

// A search by brute force finds a cycle if and only if findCycles does, and what that
// finds is one.
func TestFindCyclesAgainstBruteForce(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		n := 1 + r.IntN(8)
		var tasks []wire.Task
		next := map[uint64]uint64{}
		for id := uint64(1); id <= uint64(n); id++ {
			if r.IntN(4) == 0 {
				continue
			}
			next[id] = uint64(1 + r.IntN(n))
			tasks = append(tasks, waitingFor(id, "lock", sec, next[id]))
		}
		got := findCycles(tasks, nil, 10*sec)
		onCycle := map[uint64]bool{}
		for _, c := range got {
			for i, id := range c {
				onCycle[id] = true
				if next[id] != c[(i+1)%len(c)] {
					t.Fatalf("%v is no cycle of %v", c, next)
				}
			}
		}
		for id := range next {
			at, steps := next[id], 0
			for ; at != 0 && at != id && steps <= n; steps++ {
				at = next[at]
			}
			if (at == id) != onCycle[id] {
				t.Fatalf("%d of %v: found %v", id, next, got)
			}
		}
	}
}

func TestALongChainAndARing(t *testing.T) {
	const n = 30_000
	tasks := make([]wire.Task, n)
	for i := range tasks {
		tasks[i] = waitingFor(uint64(i+1), "lock", sec, uint64(i+2))
	}
	if got := findCycles(tasks, nil, 10*sec); len(got) != 0 {
		t.Errorf("a chain has %d cycles", len(got))
	}
	tasks[n-1].Wait.By = []uint64{n / 2}
	if got := findCycles(tasks, nil, 10*sec); len(got) != 1 || len(got[0]) != n/2+1 {
		t.Errorf("%d cycles", len(got))
	}
}

// deadlocked lets the two tasks of a bench hold what the other wants.
func (b *bench) deadlocked() {
	a, z := waitingFor(1, "lock", 2*sec, 2), waitingFor(2, "lock", sec, 1)
	a.Wait.Obj, a.Wait.Text = 20, `lock "b"`
	z.Wait.Obj, z.Wait.Text = 10, `lock "a"`
	b.f.state.Tasks = []wire.Task{a, z, waitingFor(3, "lock", 2*sec, 1)}
	b.f.state.Objects = []wire.Object{
		{ID: 10, Kind: "lock", Name: "a", Holder: 1, Since: sec, Cap: 1},
		{ID: 20, Kind: "lock", Name: "b", Holder: 2, Since: sec, Cap: 1},
	}
}

func TestDeadlockIsTold(t *testing.T) {
	b := newBench(t)
	b.deadlocked()
	b.seconds(4)
	w := b.expect(wire.Deadlock)
	if !slices.Equal(w.Tasks, []uint64{1, 2}) || w.At != 2*sec || w.Ended != 0 || len(w.Cycle) != 2 || w.Count != 1 {
		t.Fatalf("it is %+v", *w)
	}
	if e := w.Cycle[0]; e.Wait != `lock "b"` || e.Holder != 2 || e.Object != `lock "b"` || e.Held != sec {
		t.Errorf("its first edge is %+v", e)
	}
	if want := `Task-1 waits for lock "b", which Task-2 holds; Task-2 waits for lock "a", which Task-1 holds; 1 task waits behind them`; w.Text != want {
		t.Errorf("it says %s", w.Text)
	}
	b.f.state.Tasks = nil
	b.seconds(2)
	if b.warning(wire.Deadlock).Ended == 0 {
		t.Error("the deadlock is over, and the warning lasts")
	}
}

func TestWhatOnlyLooksLikeADeadlock(t *testing.T) {
	for name, change := range map[string]func(tasks []wire.Task){
		"one waits for something else":     func(tasks []wire.Task) { tasks[0].Wait.Obj = 30 },
		"one waits again":                  func(tasks []wire.Task) { tasks[0].Wait.Since += sec },
		"what it waits for has been freed": func(tasks []wire.Task) { tasks[0].Wait.By = nil },
		"one runs":                         func(tasks []wire.Task) { tasks[1].State, tasks[1].Wait = wire.Ready, nil },
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.deadlocked()
			for range 5 {
				b.f.time += sec
				b.w.mu.Lock()
				b.w.ask()
				b.w.answered()
				kept := b.f.state.Tasks
				b.w.suspect()
				changed := slices.Clone(kept)
				for i := range changed {
					if w := changed[i].Wait; w != nil {
						own := *w
						changed[i].Wait = &own
					}
				}
				change(changed)
				b.f.state.Tasks = changed
				b.w.confirmed()
				b.f.state.Tasks = kept
				b.w.judge()
				b.w.check = nil
				b.w.mu.Unlock()
			}
			b.expectNone(wire.Deadlock)
		})
	}
}
