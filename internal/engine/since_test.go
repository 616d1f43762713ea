package engine

import (
	"testing"
	"time"
)

// TestMoments notes moments in a long step, and in the sleep after it: what begins to wait
// at the end of the step has not waited since its middle.
func TestMoments(t *testing.T) {
	clock := new(handClock)
	l := &Loop{clock: clock}
	note := func(at time.Duration, events uint64, resting bool) {
		clock.now = at
		l.ready.taken = events
		if resting != l.Resting() {
			l.rests.Add(1)
		}
		if noted, over := l.NoteMoment(); noted != events || over != resting {
			t.Errorf("at %d it is told %d, %t", at, noted, over)
		}
	}
	since := func(events uint64, want time.Duration, wantKnown bool) {
		t.Helper()
		if at, exact, known := l.moments.after(events); at != want || known != wantKnown || known && !exact {
			t.Errorf("what waits from event %d on waits since %d, %t, %t; want %d, %t", events, at, exact, known, want, wantKnown)
		}
	}
	note(1, 5, false)
	note(2, 5, false) // is not noted: of what is over, it tells nothing new
	since(4, 1, true)
	since(5, 0, false)
	note(10, 5, true)
	note(11, 5, true)
	since(4, 1, true)
	since(5, 10, true)
	note(12, 6, false)
	since(5, 10, true)
	since(6, 0, false)
	note(13, 7, false)
	since(6, 13, true)
}

// TestMomentsAreThinned notes more moments than are kept.
func TestMomentsAreThinned(t *testing.T) {
	clock := new(handClock)
	l := &Loop{clock: clock}
	l.rests.Add(1)
	const noted = 10 * momentsKept
	for i := range noted {
		clock.now = time.Duration(i)
		l.ready.taken = uint64(i)
		l.NoteMoment()
	}
	if n := len(l.moments.list); n > momentsKept || n < momentsKept/2 {
		t.Errorf("%d moments are kept", n)
	}
	exactly := 0
	for i := range noted {
		at, exact, known := l.moments.after(uint64(i))
		if !known || at < time.Duration(i) || exact && at != time.Duration(i) {
			t.Fatalf("of event %d it is said: %d, %t, %t", i, at, exact, known)
		}
		if exact {
			exactly++
		}
	}
	if exactly < momentsKept/4 {
		t.Errorf("only %d are exact", exactly)
	}
}
