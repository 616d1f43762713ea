package asyncio_test

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// patience is how long a test waits for what must come. It decides nothing: a
// test that needs it has failed.
const patience = 20 * time.Second

// A mainFunc is a main coroutine.
type mainFunc = func(ctx context.Context) error

// mustEnd runs main and expects no error, no report, and that nothing is left.
func mustEnd(t *testing.T, main mainFunc, opts ...asyncio.Option) {
	t.Helper()
	nothingIsLeft(t)
	endWell(t, main, opts...)
}

// endWell runs main and expects no error and no report.
func endWell(t *testing.T, main mainFunc, opts ...asyncio.Option) {
	t.Helper()
	var heard reports
	if err := runHere(t.Context(), main, append(opts, heard.option())...); err != nil {
		t.Errorf("Run returned %v", err)
	}
	heard.expect(t)
}

// A logbook is what happened, in order. Any goroutine may write.
type logbook struct {
	mu    sync.Mutex
	lines []string
}

func (d *logbook) add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// note returns a callback that adds a line.
func (d *logbook) note(line string) func() { return func() { d.add("%s", line) } }

func (d *logbook) expect(t *testing.T, want ...string) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.lines, want) {
		t.Errorf("it happened\n\t%s\nwant\n\t%s", strings.Join(d.lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// reports is what an exception handler was told. Any goroutine may use it.
type reports struct {
	mu  sync.Mutex
	all []asyncio.ExceptionContext
}

func (r *reports) take(c asyncio.ExceptionContext) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
}

func (r *reports) option() asyncio.Option { return asyncio.OnException(r.take) }

func (r *reports) list() []asyncio.ExceptionContext {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// expect expects reports that contain these words, in this order, and no
// others.
func (r *reports) expect(t *testing.T, words ...string) []asyncio.ExceptionContext {
	t.Helper()
	all := r.list()
	for i, c := range all {
		if i >= len(words) {
			t.Errorf("an unexpected report: %v", c)
		} else if !strings.Contains(c.String(), words[i]) {
			t.Errorf("report %d is %q, and does not say %q", i, c, words[i])
		}
	}
	for _, missing := range words[min(len(all), len(words)):] {
		t.Errorf("no report says %q", missing)
	}
	if t.Failed() {
		return make([]asyncio.ExceptionContext, len(words))
	}
	return all
}

// nothingIsLeft expects, when the test has ended, that no goroutine and no
// descriptor is left of it.
func nothingIsLeft(t *testing.T) {
	t.Helper()
	warmUp()
	goroutines, files := runtime.NumGoroutine(), descriptors(t)
	t.Cleanup(func() {
		atMost(t, goroutines)
		if now := descriptors(t); now > files {
			t.Errorf("%d descriptors are open, %d were", now, files)
		}
		if t.Failed() && runtime.NumGoroutine() > goroutines {
			buf := make([]byte, 1<<20)
			t.Logf("%s", buf[:runtime.Stack(buf, true)])
		}
	})
}

// atMost expects no more goroutines than that. It asks more than once: those
// that have ended may take a moment, and while the garbage collector looks
// through the dead the runtime counts them among the living.
func atMost(t *testing.T, n int) {
	t.Helper()
	eventually(t, fmt.Sprintf("there are at most %d goroutines", n), func() bool { return runtime.NumGoroutine() <= n })
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

// descriptors counts the open descriptors where the system tells.
func descriptors(t *testing.T) int {
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

// eventually waits until what another goroutine does has come about.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for start := time.Now(); !holds(); time.Sleep(50 * time.Microsecond) {
		if time.Since(start) > patience {
			t.Errorf("in vain: %s", what)
			return
		}
	}
}

// receive takes from a channel what must come.
func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(patience):
		t.Error("nothing was sent")
	}
	return v
}

// panicOf returns what fn panics with.
func panicOf(fn func()) (value any) {
	defer func() { value = recover() }()
	fn()
	return nil
}

// expectAdvice expects a panic whose message says all these words.
func expectAdvice(t *testing.T, fn func(), words ...string) {
	t.Helper()
	mustAdvise(t, panicOf(fn), words...)
}

func mustAdvise(t *testing.T, value any, words ...string) {
	t.Helper()
	if value == nil {
		t.Error("it did not panic")
		return
	}
	for _, w := range words {
		if message := fmt.Sprint(value); !strings.Contains(message, w) {
			t.Errorf("it panicked with %q, which does not say %q", message, w)
		}
	}
}

// elsewhere runs fn on another goroutine while the loop is busy, and returns
// what fn panicked with.
func elsewhere(ctx context.Context, fn func()) (value any) {
	var over atomic.Bool
	ended := make(chan any, 1)
	go func() {
		defer func() {
			ended <- recover()
			over.Store(true)
		}()
		fn()
	}()
	for !over.Load() {
		_ = asyncio.Yield(ctx)
	}
	return <-ended
}

// captureLog returns what package log writes during fn.
func captureLog(fn func()) string {
	var b bytes.Buffer
	out, flags := log.Writer(), log.Flags()
	log.SetOutput(&b)
	log.SetFlags(0)
	defer func() {
		log.SetOutput(out)
		log.SetFlags(flags)
	}()
	fn()
	return b.String()
}

// childVariable tells the test binary that it is the child of a test.
const childVariable = "ASYNCIO_TEST_CHILD"

// inChild reports whether the test runs in a process of its own.
func inChild() bool { return os.Getenv(childVariable) != "" }

// child is a command that runs the current test in a process of its own.
func child(t *testing.T) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	t.Cleanup(cancel)
	parts := strings.Split(t.Name(), "/")
	for i := range parts {
		parts[i] = "^" + parts[i] + "$"
	}
	cmd := exec.CommandContext(ctx, exe, "-test.run="+strings.Join(parts, "/"), "-test.v", "-test.count=1")
	cmd.Env = append(os.Environ(), childVariable+"=1")
	return cmd
}

// sleeper is a coroutine that sleeps and says what became of it.
func sleeper(d *logbook, name string, length time.Duration) mainFunc {
	return func(ctx context.Context) error {
		err := asyncio.Sleep(ctx, length)
		d.add("%s: %v", name, err)
		return err
	}
}

// never suspends until its context is canceled.
func never(ctx context.Context) error { return asyncio.Sleep(ctx, 1<<62) }
