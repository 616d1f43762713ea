package tick_test

import (
	"runtime"
	"slices"
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
	tick.Callers(skip, &pcs)
	frames := runtime.CallersFrames(slices.DeleteFunc(pcs[:], func(pc uintptr) bool { return pc == 0 }))
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

func TestCallersKnowsTheSameAgain(t *testing.T) {
	var pcs, once [tick.Depth]uintptr
	for i := range 3 { // the call is at one place
		if same := tick.Callers(0, &pcs); same != (i > 0) {
			t.Errorf("call %d: same is %v", i, same)
		}
		if i == 0 {
			once = pcs
		} else if pcs != once {
			t.Errorf("call %d: callers are %x, before they were %x", i, pcs, once)
		}
	}
	for place := range tick.Depth {
		deep(tick.Depth, func() {
			for i := range 3 {
				if i == 1 {
					once = pcs
					pcs[place]++
				}
				if same := tick.Callers(0, &pcs); i == 1 && (same || pcs != once) || i == 2 && !same {
					t.Errorf("%d calls after a change at %d: same is %v, callers are %x, before they were %x", i, place, same, pcs, once)
				}
			}
		})
	}
}

// deep calls a function on a stack that has so many frames more.
//
//go:noinline
func deep(frames int, fn func()) {
	if frames > 0 {
		deep(frames-1, fn)
		return
	}
	fn()
}

// What was there before does not stay where the stack is shorter.
func TestCallersOfAShortStack(t *testing.T) {
	done := make(chan [tick.Depth]uintptr)
	go func() {
		pcs := [tick.Depth]uintptr{1, 2, 3, 4, 5, 6}
		if tick.Callers(0, &pcs) {
			t.Error("the callers are not those that were there")
		}
		done <- pcs
	}()
	if pcs := <-done; pcs[tick.Depth-1] != 0 {
		t.Errorf("at the bottom of a stack, callers are %x", pcs)
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
