package asyncio_test

import (
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// probe is a method of the same thing that needs nothing and does nothing.
func (s *set) probe(method string) func() {
	thing, _, _ := strings.Cut(method, ".")
	return map[string]func(){
		"Lock":             func() { s.lock.Locked() },
		"Event":            func() { s.event.IsSet() },
		"Condition":        func() { s.cond.Locked() },
		"Semaphore":        func() { s.semaphore.Locked() },
		"BoundedSemaphore": func() { s.bounded.Locked() },
		"Barrier":          func() { s.barrier.Waiting() },
		"RWLock":           func() { s.rw.Locked() },
		"Broadcast":        func() { _ = s.broadcast.TryPut(1) },
		"Subscriber":       func() { s.subscriber.Len() },
		"Watch":            func() { s.watch.Get() },
		"Queue":            func() { s.queue.Len() },
		"TaskSet":          func() { s.tasks.Len() },
	}[thing]
}

// panicElsewhere is what a function panics with on a goroutine of its own.
func panicElsewhere(do func()) any {
	said := make(chan any)
	go func() { said <- asynctest.PanicOf(do) }()
	return <-said
}

// Whichever method it is, and whether it panics or not.
func TestEveryMethodOnALoopBindsToIt(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if !cheapIdentity {
		t.Skip("it is dear to know the current goroutine")
	}
	var all []outcome
	for i := range newSet().methods() {
		_ = asyncio.Run(t.Context(), func(context.Context) error {
			s := newSet()
			m := s.methods()[i]
			asynctest.PanicOf(m.do)
			all = append(all, outcome{m.name, panicElsewhere(s.probe(m.name))})
			return nil
		})
	}
	expectOutcomes(t, all, "from a goroutine that does not run the loop", "CallSoonThreadsafe")
}

func TestWhatHasMetNoLoopIsFree(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	for i := range newSet().methods() {
		s := newSet()
		m := s.methods()[i]
		asynctest.PanicOf(m.do)
		if said := panicElsewhere(s.probe(m.name)); said != nil {
			t.Errorf("after %s here, another goroutine is told %v", m.name, said)
		}
	}
}

func TestWhatALoopHasLeftBindsToTheNext(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if !cheapIdentity {
		t.Skip("it is dear to know the current goroutine")
	}
	q := asyncio.NewQueue[int](0)
	put := func() { _ = q.TryPut(1) }
	for range 2 {
		_ = asyncio.Run(t.Context(), func(context.Context) error {
			put()
			asynctest.ExpectAdviceIn(t, panicElsewhere(put), "from a goroutine that does not run the loop")
			return nil
		})
		put() // the loop has ended
	}
	asynctest.ExpectEqual(t, "items", q.Len(), 4)
}

// What a copy of a lock or a queue does is of no use, so go vet finds it.
func TestVetFindsCopies(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	if testing.Short() {
		t.Skip("it compiles a program")
	}
	out, err := exec.CommandContext(t.Context(), "go", "vet", "-copylocks", "./"+filepath.Join("testdata", "copies")).CombinedOutput()
	if err != nil && !strings.Contains(string(out), "copies.go") {
		t.Skipf("no go vet here: %v\n%s", err, out)
	}
	for _, name := range []string{"Lock", "Event", "Condition", "Semaphore", "BoundedSemaphore", "Barrier", "RWLock", "Queue", "LifoQueue", "PriorityQueue",
		"Broadcast", "Subscriber", "Watch", "TaskSet"} {
		if !strings.Contains(string(out), "passes lock by value: github.com/asyncio-go/asyncio."+name) {
			t.Errorf("go vet does not find a copy of %s:\n%s", name, out)
		}
	}
}
