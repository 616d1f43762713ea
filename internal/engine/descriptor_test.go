package engine

import (
	"testing"
	"time"
)

type stoppedClock struct{}

func (stoppedClock) Now() time.Duration { return 0 }

func TestALoopThatIsKeptFromSleepingLooksAtDescriptors(t *testing.T) {
	p := new(countingPoller)
	l := new(Loop)
	l.Init(stoppedClock{}, p, nil)
	l.looks = looks{watched: 1, left: mostBetween, between: mostBetween} // it was busy
	for range mostBetween + 1 {
		l.turn() // finds nothing, and only then something comes
		_ = l.inbox.post(number(1), p)
		if err := l.sleep(); err != nil {
			t.Fatal(err)
		}
		for l.turn(); l.left > 0; {
			l.take()
		}
	}
	if p.waits == 0 {
		t.Error("it never looked")
	}
}
