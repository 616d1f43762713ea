package goroutines_test

import (
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/examples/bugs/goroutines"
)

// patience is how long a test waits before it calls it a deadlock.
const patience = time.Second

// together runs functions in goroutines side by side.
func together(t *testing.T, fns ...func()) (ended bool) {
	t.Helper()
	var all sync.WaitGroup
	for _, fn := range fns {
		all.Go(fn)
	}
	over := make(chan struct{})
	go func() {
		all.Wait()
		close(over)
	}()
	select {
	case <-over:
		return true
	case <-time.After(patience):
		t.Error("a deadlock")
		return false
	}
}

func later(fn func()) func() {
	return func() {
		for range 3 {
			runtime.Gosched()
		}
		fn()
	}
}

// The programs are those of package bugs. The tests fail now and then, so they
// run only when they are asked for:
//
//	BUGS=1 go test -race -count=10000
//
// The command benchmarks/bugs counts how often.

func TestLostUpdate(t *testing.T) {
	showBug(t)
	account := new(goroutines.Account)
	account.Deposit(100)
	together(t, account.AddInterest, func() { account.Deposit(50) })
	if b := account.Balance(); b != 160 && b != 165 {
		t.Errorf("the balance is %d: a deposit was lost", b)
	}
}

func TestLockOrder(t *testing.T) {
	showBug(t)
	a, b := &goroutines.Vault{Gold: 10}, &goroutines.Vault{Gold: 10}
	ended := together(t,
		func() { goroutines.Transfer(a, b, 3) },
		later(func() { goroutines.Transfer(b, a, 1) }))
	if ended && (a.Gold != 8 || b.Gold != 12) {
		t.Errorf("there are %d and %d", a.Gold, b.Gold)
	}
}

func TestCheckThenAct(t *testing.T) {
	showBug(t)
	jobs, handled := make(chan int, 2), new(atomic.Int64)
	jobs <- 0
	jobs <- 1
	worker := func() { goroutines.Work(jobs, func(int) { handled.Add(1) }) }
	if together(t, worker, later(worker)) && handled.Load() != 2 {
		t.Errorf("%d jobs were handled", handled.Load())
	}
}

func showBug(t *testing.T) {
	t.Helper()
	if os.Getenv("BUGS") == "" {
		t.Skip("fails now and then, to show a bug; set BUGS=1 to see it")
	}
}
