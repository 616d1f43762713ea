package pages

import (
	"time"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// A player knows the current position in a film, and how fast the film is played.
type player struct {
	film    *film
	n       int           // so many events have happened
	t       time.Duration // the time since, on the clock of the loop
	hold    time.Duration // what just happened is left to be read for so long
	playing bool
	speed   float64

	state   *recording.State // after stateAt events, if it has been asked for
	stateAt int
}

// speeds are those that one goes through by key.
var speeds = []float64{0.125, 0.25, 0.5, 1, 2, 4, 8, 16}

// maxGap bounds how long a wait takes to be played at speed 1: a lesson may be changed
// to take minutes.
const maxGap = 4 * time.Second

// advance plays on for a time of the reader's.
func (p *player) advance(d time.Duration) {
	left := time.Duration(float64(d) * p.speed)
	for left > 0 && p.playing {
		if p.hold > 0 {
			used := min(p.hold, left)
			p.hold, left = p.hold-used, left-used
			continue
		}
		if p.n >= p.film.length() {
			p.playing = false
			return
		}
		gap := p.film.at(p.n+1) - p.film.at(p.n)
		quick := max(float64(gap)/float64(maxGap), 1)
		rest := p.film.at(p.n+1) - p.t
		if need := time.Duration(float64(rest) / quick); need > left {
			p.t += time.Duration(float64(left) * quick)
			return
		} else {
			left -= need
		}
		p.to(p.n + 1)
		p.hold = reading(p.film.rec.Events[p.n-1].Kind)
	}
}

// reading returns how long one has to look at an event of a kind.
func reading(kind string) time.Duration {
	switch kind {
	case recording.Begin, recording.Call, recording.Print, recording.Done, recording.Cancel:
		return 200 * time.Millisecond
	case recording.Spawn, recording.Wake, recording.End, recording.Due, recording.Row, recording.Timer:
		return 100 * time.Millisecond
	}
	return 0
}

// to goes to the moment after n events.
func (p *player) to(n int) {
	p.n = min(max(n, 0), p.film.length())
	p.t, p.hold = p.film.at(p.n), 0
}

// step goes some events forward or back, and stays there.
func (p *player) step(by int) {
	p.playing = false
	if by < 0 && p.t > p.film.at(p.n) {
		by++ // back to where this wait began
	}
	p.to(p.n + by)
}

// switchOver goes to where the loop runs something else.
func (p *player) switchOver() {
	p.playing = false
	for n := p.n + 1; n <= p.film.length(); n++ {
		if k := p.film.rec.Events[n-1].Kind; k == recording.Begin || k == recording.Call {
			p.to(n)
			return
		}
	}
	p.to(p.film.length())
}

func (p *player) over() bool { return p.n >= p.film.length() && p.hold <= 0 }

// faster goes to the next speed in a direction.
func (p *player) faster(by int) {
	at := 0
	for i, s := range speeds {
		if s <= p.speed {
			at = i
		}
	}
	p.speed = speeds[min(max(at+by, 0), len(speeds)-1)]
}
