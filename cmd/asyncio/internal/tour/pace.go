package tour

import (
	"time"

	"github.com/asyncio-go/asyncio/lessons"
)

// maxPace is how fast lessons are played at most to be over in time. If they were faster,
// work whose speed does not change, such as starting a process, would take most of the
// time.
const maxPace = 20

// pace returns how fast lessons have to be played to be over in so much time. It is asked
// anew before each of them: work is real, and takes longer on a machine that is busy.
func pace(left []lessons.Lesson, room time.Duration) float64 {
	total := 0.0
	for _, l := range left {
		total += l.Seconds
	}
	if room <= 0 {
		return maxPace
	}
	return min(max(total/room.Seconds(), 1), maxPace)
}
