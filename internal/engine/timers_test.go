package engine

import (
	"cmp"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// reference are timers that are obviously right: a list that is sorted
// whenever someone looks.
type reference struct {
	set []*referenceTimer
	seq int
}

type referenceTimer struct {
	timer Timer
	id    number
	when  time.Duration
	seq   int
	live  bool
}

func (r *reference) due(now time.Duration) (all []string) {
	slices.SortFunc(r.set, func(a, b *referenceTimer) int {
		return cmp.Or(cmp.Compare(a.when, b.when), cmp.Compare(a.seq, b.seq))
	})
	for _, x := range r.set {
		if x.live && x.when <= now {
			x.live = false
			all = append(all, fmt.Sprintf("%d at %d", x.id, x.when))
		}
	}
	r.set = slices.DeleteFunc(r.set, func(x *referenceTimer) bool { return !x.live })
	return all
}

func (r *reference) next() (when time.Duration, ok bool) {
	when = math.MaxInt64
	for _, x := range r.set {
		if x.live {
			when, ok = min(when, x.when), true
		}
	}
	return when, ok
}

func dueOf(l *Loop, now time.Duration) (all []string) {
	for {
		timer, when := l.timers.due(now)
		if timer == nil {
			return all
		}
		all = append(all, fmt.Sprintf("%d at %d", timer.event, when))
	}
}

// A world is a way to choose deadlines.
var worlds = map[string]func(r *rand.Rand, now time.Duration) time.Duration{
	"near":            func(r *rand.Rand, now time.Duration) time.Duration { return now + time.Duration(r.IntN(20)) },
	"far and near":    func(r *rand.Rand, now time.Duration) time.Duration { return now + 1<<r.IntN(50) },
	"anywhere":        func(r *rand.Rand, now time.Duration) time.Duration { return time.Duration(r.Int64()) },
	"in the past too": func(r *rand.Rand, now time.Duration) time.Duration { return now + time.Duration(r.IntN(200)-100) },
	"before time":     func(r *rand.Rand, now time.Duration) time.Duration { return time.Duration(r.Int64N(1000) - 500) },
	"at few points":   func(r *rand.Rand, now time.Duration) time.Duration { return now/100*100 + time.Duration(r.IntN(3))*100 },
	"at the end":      func(r *rand.Rand, now time.Duration) time.Duration { return math.MaxInt64 - time.Duration(r.IntN(3)) },
}

func TestTimersAgreeWithASortedList(t *testing.T) {
	for name, choose := range worlds {
		t.Run("with deadlines "+name, func(t *testing.T) {
			for seed := range uint64(6) {
				againstReference(t, rand.New(rand.NewPCG(seed, 0)), choose)
			}
		})
	}
}

func againstReference(t *testing.T, r *rand.Rand, choose func(*rand.Rand, time.Duration) time.Duration) {
	t.Helper()
	l, ref, now := new(Loop), new(reference), time.Duration(0)
	all := make([]*referenceTimer, 300)
	for i := range all {
		all[i] = &referenceTimer{id: number(i)}
	}
	for range 3000 {
		switch x := all[r.IntN(len(all))]; r.IntN(10) {
		case 0, 1:
			x.timer.Stop(l)
			x.live = false
			ref.forget(x)
		case 2:
			now += time.Duration(r.Int64N(1 << r.IntN(40)))
			if got, want := dueOf(l, now), ref.due(now); !slices.Equal(got, want) {
				t.Fatalf("due at %d are %v, want %v", now, got, want)
			}
		default:
			ref.forget(x)
			ref.seq++
			x.when, x.seq, x.live = choose(r, now), ref.seq, true
			x.timer.Set(l, x.when, x.id)
			ref.set = append(ref.set, x)
		}
		l.timers.mustBeNoLaterThan(t, ref)
		l.timers.verifyIfBuilt()
	}
	if got, want := dueOf(l, math.MaxInt64), ref.due(math.MaxInt64); !slices.Equal(got, want) {
		t.Fatalf("in the end due are %v, want %v", got, want)
	}
	if l.timers.count != 0 || l.timers.stale != 0 {
		t.Errorf("%d entries are left, %d stale", l.timers.count, l.timers.stale)
	}
}

func (r *reference) forget(x *referenceTimer) {
	r.set = slices.DeleteFunc(r.set, func(y *referenceTimer) bool { return x == y })
}

// mustBeNoLaterThan expects that the loop does not sleep too long.
func (h *timers) mustBeNoLaterThan(t *testing.T, ref *reference) {
	t.Helper()
	want, ok := ref.next()
	if !ok {
		return
	}
	if got, ok := h.next(); !ok || got > want {
		t.Fatalf("the next deadline is %v, %v; want %v", got, ok, want)
	}
}

func TestTimer(t *testing.T) {
	at := func(l *Loop, timers []Timer, when time.Duration) {
		for i := range timers {
			timers[i].Set(l, when, number(i))
		}
	}
	t.Run("that was due may be set again", func(t *testing.T) {
		l, timers := new(Loop), make([]Timer, 1)
		for when := range time.Duration(3) {
			at(l, timers, when)
			if got := dueOf(l, when); len(got) != 1 {
				t.Errorf("due at %d are %v", when, got)
			}
		}
	})
	t.Run("set again is due once, at its new time", func(t *testing.T) {
		l, timers := new(Loop), make([]Timer, 1)
		at(l, timers, 10)
		at(l, timers, 5)
		at(l, timers, 20)
		if got := dueOf(l, 15); got != nil {
			t.Errorf("due early are %v", got)
		}
		if got := dueOf(l, 30); !slices.Equal(got, []string{"0 at 20"}) {
			t.Errorf("due are %v", got)
		}
	})
	t.Run("set again goes behind those of equal deadline", func(t *testing.T) {
		l, timers := new(Loop), make([]Timer, 3)
		at(l, timers, 10)
		timers[0].Set(l, 10, number(0))
		if got := dueOf(l, 10); !slices.Equal(got, []string{"1 at 10", "2 at 10", "0 at 10"}) {
			t.Errorf("due are %v", got)
		}
	})
	t.Run("stopped twice, or never set, does nothing", func(t *testing.T) {
		l, timers := new(Loop), make([]Timer, 2)
		timers[0].Stop(l)
		at(l, timers[1:], 1)
		timers[1].Stop(l)
		timers[1].Stop(l)
		if l.timers.stale != 1 {
			t.Errorf("%d are stale", l.timers.stale)
		}
	})
	t.Run("stopped in great numbers leaves few entries", func(t *testing.T) {
		l, timers := new(Loop), make([]Timer, 10_000)
		for round := range 20 {
			at(l, timers, time.Duration(1+round)*time.Hour)
			for i := range timers {
				timers[i].Stop(l)
			}
		}
		if l.timers.count > 2*sweepFrom {
			t.Errorf("%d entries are left", l.timers.count)
		}
	})
}
