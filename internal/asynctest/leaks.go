package asynctest

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Patience is how long a test waits for what must come. It decides nothing: a
// test that needs it has failed.
const Patience = time.Minute

// NothingIsLeft expects, when the test has ended, that no goroutine and no
// descriptor is left of it.
func NothingIsLeft(t *testing.T) {
	t.Helper()
	warmUp()
	goroutines, files := runtime.NumGoroutine(), openDescriptors(t)
	t.Cleanup(func() {
		ExpectGoroutines(t, goroutines)
		// The C library opens one for a moment now and then, to count the processors.
		if !holdsInTime(func() bool { return openDescriptors(t) <= files }) {
			t.Errorf("%d descriptors are open, %d were: %v", openDescriptors(t), files, descriptors(t))
		}
	})
}

// ExpectGoroutines expects no more goroutines than that, in a moment: those that
// have ended, and those of context.AfterFunc, may take one, and while the
// garbage collector looks through the dead the runtime counts them among the
// living.
func ExpectGoroutines(t *testing.T, most int) {
	t.Helper()
	if !holdsInTime(func() bool { return runtime.NumGoroutine() <= most }) {
		stacks := make([]byte, 1<<20)
		stacks = stacks[:runtime.Stack(stacks, true)]
		t.Errorf("%d goroutines are left, want %d at most\n%s", runtime.NumGoroutine(), most, stacks)
	}
}

// warmUp starts what the standard library and the runtime keep after their first
// use: its poller, or what handles the events of JavaScript.
var warmUp = sync.OnceFunc(func() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
	_, _ = os.ReadDir("/proc/self/fd")
	_ = asyncio.Run(context.Background(), func(context.Context) error { return nil })
})

// openDescriptors counts where the system tells.
func openDescriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// descriptors says what is open.
func descriptors(t *testing.T) (open []string) {
	t.Helper()
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		to, _ := os.Readlink("/proc/self/fd/" + f.Name())
		open = append(open, f.Name()+": "+to)
	}
	return open
}

// Eventually waits until what another goroutine does has come about.
func Eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	if !holdsInTime(holds) {
		t.Errorf("in vain: %s", what)
	}
}

// holdsInTime waits until something holds, or there is no patience left.
func holdsInTime(holds func() bool) bool {
	for start := time.Now(); !holds(); time.Sleep(50 * time.Microsecond) {
		if time.Since(start) > Patience {
			return false
		}
	}
	return true
}

// Receive takes from a channel what must come.
func Receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(Patience):
		t.Error("nothing was sent")
	}
	return v
}
