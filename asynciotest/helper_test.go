package asynciotest_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/asynciotest"
)

// A fakeTB is a test whose failing is what is tested.
type fakeTB struct {
	testing.TB
	mu     sync.Mutex
	failed bool
	logs   []string
}

func (f *fakeTB) log(failed bool, line string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = f.failed || failed
	f.logs = append(f.logs, line)
}

func (f *fakeTB) Helper()                           {}
func (f *fakeTB) Errorf(format string, args ...any) { f.log(true, fmt.Sprintf(format, args...)) }
func (f *fakeTB) Error(args ...any)                 { f.log(true, fmt.Sprint(args...)) }
func (f *fakeTB) Logf(format string, args ...any)   { f.log(false, fmt.Sprintf(format, args...)) }

func (f *fakeTB) FailNow() {
	f.log(true, "FailNow")
	runtime.Goexit()
}

func (f *fakeTB) Fatal(args ...any) {
	f.Error(args...)
	f.FailNow()
}

func (f *fakeTB) Fatalf(format string, args ...any) {
	f.Errorf(format, args...)
	f.FailNow()
}

func (f *fakeTB) Failed() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}

func (f *fakeTB) output() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.logs, "\n")
}

// on runs test with a fake, on a goroutine of its own, so that FailNow may end
// it.
func on(t *testing.T, test func(f *fakeTB)) *fakeTB {
	t.Helper()
	f := &fakeTB{TB: t}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		test(f)
	}()
	<-ended
	return f
}

// mustFail expects that the test fails and says all these words.
func mustFail(t *testing.T, test func(f *fakeTB), words ...string) *fakeTB {
	t.Helper()
	f := on(t, test)
	if !f.failed {
		t.Errorf("it did not fail: %s", f.output())
	}
	for _, w := range words {
		if !strings.Contains(f.output(), w) {
			t.Errorf("it does not say %q:\n%s", w, f.output())
		}
	}
	return f
}

// mustPass expects that the test does not fail.
func mustPass(t *testing.T, test func(f *fakeTB)) *fakeTB {
	t.Helper()
	f := on(t, test)
	if f.failed {
		t.Errorf("it failed:\n%s", f.output())
	}
	return f
}

// inRun expects that Run fails with these words.
func inRun(t *testing.T, fn func(ctx context.Context), words ...string) *fakeTB {
	t.Helper()
	return mustFail(t, func(f *fakeTB) { asynciotest.Run(f, fn) }, words...)
}
