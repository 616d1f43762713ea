package tick_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/tick"
)

// TestNow compares the count with the clock, over two stretches of time.
func TestNow(t *testing.T) {
	a, b := rate(), rate()
	if a <= 0 || b <= 0 {
		t.Fatalf("%v and %v ticks a nanosecond: want it to grow", a, b)
	}
}

func rate() float64 {
	begin, ticks := time.Now(), tick.Now()
	for time.Since(begin) < 5*time.Millisecond {
	}
	return float64(tick.Now()-ticks) / float64(time.Since(begin))
}

//go:noinline
func outer() []string { return middle() }

//go:noinline
func middle() []string { return inner(0) }

//go:noinline
func inner(skip int) (names []string) {
	var pcs [tick.Depth]uintptr
	n := tick.Callers(skip, &pcs)
	frames := runtime.CallersFrames(pcs[:n])
	for {
		f, more := frames.Next()
		names = append(names, f.Function[strings.LastIndex(f.Function, ".")+1:])
		if !more {
			return names
		}
	}
}

func TestCallers(t *testing.T) {
	got := strings.Join(outer(), " ")
	if want := "middle outer TestCallers tRunner"; !strings.HasPrefix(got, want) {
		t.Errorf("callers are %q, want %q first", got, want)
	}
	if got := strings.Join(inner(1), " "); !strings.HasPrefix(got, "tRunner") {
		t.Errorf("callers without the first are %q, want tRunner first", got)
	}
}

func TestCallersOfGoroutine(t *testing.T) {
	done := make(chan []string)
	go func() { done <- inner(0) }()
	if got := <-done; len(got) != 1 && got[1] != "goexit" {
		t.Errorf("callers at the bottom of a stack are %q", got)
	}
}

func BenchmarkNow(b *testing.B) {
	for b.Loop() {
		tick.Now()
	}
}

func BenchmarkSince(b *testing.B) {
	t := time.Now()
	for b.Loop() {
		time.Since(t)
	}
}

func BenchmarkCallers(b *testing.B) {
	var pcs [tick.Depth]uintptr
	for b.Loop() {
		tick.Callers(0, &pcs)
	}
}
