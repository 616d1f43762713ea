package engine

import (
	"math"
	"testing"
	"time"
)

// A clockAt is a clock that stands still.
type clockAt time.Duration

func (c clockAt) Now() time.Duration { return time.Duration(c) }

// The wall clock may be set while a loop runs; then it and the loop's clock no
// longer agree on how long that has run.
func TestAtOnARealClock(t *testing.T) {
	const ran = 10 * time.Hour // by the monotonic clock; the wall clock was set back since
	l := &Loop{clock: clockAt(ran), Epoch: time.Now()}

	inAnHour := time.Now().Add(time.Hour)
	if when, shown := l.At(inAnHour); when != inAnHour.Sub(l.Epoch) || shown != inAnHour {
		t.Errorf("a time with a monotonic reading is at %v, shown as %v", when, shown)
	}
	byWall := inAnHour.Round(0)
	if when, shown := l.At(byWall); when < ran+59*time.Minute || when > ran+time.Hour || shown != byWall {
		t.Errorf("a time without one, an hour from now, is at %v, shown as %v", when, shown)
	}
	expectEnds(t, l)
}

func TestAtOnAClockOfItsOwn(t *testing.T) {
	l := &Loop{clock: clockAt(10 * time.Hour), Epoch: time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)}

	later := l.Time(11 * time.Hour)
	if when, shown := l.At(later); when != 11*time.Hour || shown != later {
		t.Errorf("a time of that clock is at %v, shown as %v", when, shown)
	}
	if when, shown := l.At(time.Now().Add(time.Hour)); when != 11*time.Hour || shown != later {
		t.Errorf("a time of the real clock, an hour from now, is at %v, shown as %v", when, shown)
	}
	expectEnds(t, l)
}

// expectEnds expects that what is too far away does not wrap around.
func expectEnds(t *testing.T, l *Loop) {
	t.Helper()
	const centuries = math.MaxInt64 / 2 * time.Nanosecond
	for _, year := range []int{1, 1700, 2400, 9999} {
		date := time.Date(year, 1, 1, 1, 1, 1, 1, time.UTC)
		if when, shown := l.At(date); (when < -centuries) != (year < 2000) || (when > centuries) != (year > 2000) || shown != date {
			t.Errorf("%v is at %v, shown as %v", date, when, shown)
		}
	}
}
