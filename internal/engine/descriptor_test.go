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
	l.pacer.watch(1)
	l.pacer.stride = maxStride // it was busy
	for range maxStride * maxLooks {
		l.turn(true) // finds nothing, and only then something comes
		_ = l.inbox.post(number(1), p)
		if err := l.sleep(); err != nil {
			t.Fatal(err)
		}
		for l.turn(true); l.left > 0; {
			l.take()
		}
	}
	if p.waits == 0 {
		t.Error("it never looked")
	}
}
