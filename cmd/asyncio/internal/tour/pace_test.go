package tour

import (
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/lessons"
)

func TestPace(t *testing.T) {
	left := []lessons.Lesson{{Seconds: 30}, {Seconds: 10}}
	for room, want := range map[time.Duration]float64{
		100 * time.Second: 1, // not slower than they are
		20 * time.Second:  2,
		4 * time.Second:   10,
		time.Second:       maxPace,
		-time.Second:      maxPace,
	} {
		if got := pace(left, room); got != want {
			t.Errorf("%v left for 40 s: pace %v, want %v", room, got, want)
		}
	}
}
