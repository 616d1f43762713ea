package timers

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"
)

// set sets the timers, whose payloads are their numbers from then on.
func set(h *Heap[int], timers []Timer[int], when time.Duration) {
	for i := range timers {
		timers[i].Payload = i
		h.Set(&timers[i], when)
	}
}

// due takes out all that is due, as "payload at deadline".
func due(h *Heap[int], now time.Duration) (all []string) {
	for t, when := h.Due(now); t != nil; t, when = h.Due(now) {
		all = append(all, fmt.Sprintf("%d at %d", t.Payload, when))
	}
	return all
}

func TestTimer(t *testing.T) {
	var h *Heap[int]
	run := func(name string, n int, test func(t *testing.T, timers []Timer[int])) {
		h = new(Heap[int])
		t.Run(name, func(t *testing.T) { test(t, make([]Timer[int], n)) })
		if err := h.Verify(); err != nil {
			t.Errorf("a timer %s: %v", name, err)
		}
	}
	run("is set until it is stopped", 1, func(t *testing.T, timers []Timer[int]) {
		x := &timers[0]
		if x.IsSet() || h.Stop(x) || h.Len() != 0 {
			t.Error("the zero timer is set")
		}
		h.Set(x, 1)
		if !x.IsSet() || h.Len() != 1 {
			t.Error("it is not set")
		}
		if !h.Stop(x) || x.IsSet() || h.Len() != 0 {
			t.Error("it was not stopped")
		}
		if h.Stop(x) || h.stale != 1 {
			t.Errorf("it was stopped twice: %d entries are stale", h.stale)
		}
	})
	run("that was stopped wakes no one", 1, func(t *testing.T, timers []Timer[int]) {
		h.Set(&timers[0], 1)
		h.Stop(&timers[0])
		if when, ok := h.Next(); ok {
			t.Errorf("the next deadline is %d", when)
		}
		if got := due(h, 1); got != nil {
			t.Errorf("due are %v", got)
		}
	})
	run("that was due may be set again", 1, func(t *testing.T, timers []Timer[int]) {
		for when := range time.Duration(3) {
			set(h, timers, when)
			if got := due(h, when); len(got) != 1 || timers[0].IsSet() {
				t.Errorf("due at %d are %v", when, got)
			}
		}
	})
	run("set again is due once, at its new time", 1, func(t *testing.T, timers []Timer[int]) {
		set(h, timers, 10)
		set(h, timers, 5)
		set(h, timers, 20)
		if got := due(h, 15); got != nil {
			t.Errorf("due early are %v", got)
		}
		if got := due(h, 30); !slices.Equal(got, []string{"0 at 20"}) {
			t.Errorf("due are %v", got)
		}
	})
	run("set again goes behind those of equal deadline", 3, func(t *testing.T, timers []Timer[int]) {
		set(h, timers, 10)
		h.Set(&timers[0], 10)
		if got := due(h, 10); !slices.Equal(got, []string{"1 at 10", "2 at 10", "0 at 10"}) {
			t.Errorf("due are %v", got)
		}
	})
	run("is not due before a clock that begins before zero has reached it", 1, func(t *testing.T, timers []Timer[int]) {
		set(h, timers, -5)
		if got := due(h, -6); got != nil {
			t.Errorf("due early are %v", got)
		}
		if got := due(h, -5); len(got) != 1 {
			t.Errorf("due are %v", got)
		}
	})
	run("may have any deadline", 5, func(t *testing.T, timers []Timer[int]) {
		set(h, timers[:3], math.MinInt64)
		set(h, timers[3:], math.MaxInt64)
		h.Set(&timers[1], 0)
		want := []string{"0 at -9223372036854775808", "2 at -9223372036854775808", "1 at 0"}
		if got := due(h, math.MaxInt64-1); !slices.Equal(got, want) {
			t.Errorf("due are %v", got)
		}
		h.Set(&timers[4], math.MinInt64)
		want = []string{"1 at -9223372036854775808", "0 at 9223372036854775807"}
		if got := due(h, math.MaxInt64); !slices.Equal(got, want) {
			t.Errorf("due at the end of time are %v", got)
		}
	})
	run("stopped in great numbers leaves few entries", 10_000, func(t *testing.T, timers []Timer[int]) {
		for round := range time.Duration(20) {
			set(h, timers, (round-5)*time.Hour) // some are late, too
			for i := range timers {
				h.Stop(&timers[i])
			}
		}
		if h.stale > minSweep {
			t.Errorf("%d entries are left", h.stale)
		}
	})
}

func TestHeapKeepsNoTimerThatWasDue(t *testing.T) {
	h, timers := new(Heap[int]), make([]Timer[int], 100)
	set(h, timers, 1)
	set(h, timers[90:], -1)
	h.Due(0)
	for _, e := range h.late[len(h.late):cap(h.late)] {
		if e.timer != nil {
			t.Error("a late timer is kept")
		}
	}
	due(h, 1)
	for k := h.free.first; k != nil; k = k.next {
		if k.entries != (block[int]{}).entries {
			t.Error("a timer is kept in a free block")
		}
	}
}

// With a move of each late timer for each that is set, this test would not end
// before go test stops it.
func TestHeapTakesLateTimersInAnyOrder(t *testing.T) {
	h, timers := new(Heap[int]), make([]Timer[int], 400_000)
	for i := range timers {
		h.Set(&timers[i], -time.Duration(i+1))
	}
	for i := len(timers) - 1; i >= 0; i-- {
		if got, when := h.Due(0); got != &timers[i] || when != -time.Duration(i+1) {
			t.Fatalf("a timer at %d is due before that at %d", when, -i-1)
		}
	}
	if h.late != nil {
		t.Errorf("room for %d is kept", cap(h.late))
	}
}

func TestHeapDoesNotAllocateForATimerThatIsNotDue(t *testing.T) {
	h, timers := new(Heap[int]), make([]Timer[int], 1000)
	set(h, timers, time.Hour)
	var x Timer[int]
	now := time.Duration(0)
	allocs := testing.AllocsPerRun(100_000, func() {
		now += time.Microsecond
		h.Set(&x, now+time.Minute)
		h.Stop(&x)
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}

func TestEarliest(t *testing.T) {
	var h Heap[int]
	timers := make([]Timer[int], 300)
	for i := range timers {
		timers[i].Payload = i
		h.Set(&timers[i], time.Duration(1+(i*7919)%10_000)*time.Microsecond)
	}
	for i := range 100 {
		h.Stop(&timers[i*3])
	}
	due(&h, 3*time.Millisecond) // so that some are late, and the buckets are of several digits
	h.Set(&timers[0], time.Millisecond)
	got := h.Earliest(40, 1000)
	if len(got) != 40 || got[0] != &timers[0] {
		t.Fatalf("the 40 earliest timers are %d", len(got))
	}
	for _, want := range got {
		timer, when := h.Due(time.Hour)
		if timer != want || when != want.When() {
			t.Fatalf("timer %d is due at %v, want %d at %v", timer.Payload, when, want.Payload, want.When())
		}
	}
	if got := h.Earliest(1000, 10); len(got) >= h.Len() {
		t.Errorf("%d of %d timers with a look at 10 entries", len(got), h.Len())
	}
}
