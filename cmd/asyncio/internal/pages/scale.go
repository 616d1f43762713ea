package pages

import "time"

// A scale says at which column each event is: time from left to right, with a column of
// its own for each step of the loop, however short. On the virtual clock a step takes no
// time at all, and one would not see in which order tasks ran in one instant.
type scale struct {
	film  *film
	width int
	x     []float64 // of event i, from 1; x[0] is the beginning
}

// least is how many columns a step takes at least, if there is room.
const least = 1.0

func newScale(f *film, width int) *scale {
	s := &scale{film: f, width: width, x: make([]float64, f.length()+1)}
	room := float64(width) - 1 // the last column is for the end of the last task
	share := least
	if steps := float64(len(f.steps)); steps*share > room/2 {
		share = room / 2 / steps
	}
	total := f.at(f.length()).Seconds()
	if total <= 0 { // all of it in one instant
		s.lay(0, min(room/float64(max(len(f.steps), 1)), 4))
		return s
	}
	low, high := 0.0, room/total
	for range 40 {
		if k := (low + high) / 2; s.lay(k, share) > room {
			high = k
		} else {
			low = k
		}
	}
	s.lay(low, share)
	return s
}

// lay gives each event its place: perSecond columns for a second, and share columns for
// each step at least. It returns the place of the last one.
func (s *scale) lay(perSecond, share float64) float64 {
	extra := make([]float64, len(s.x)) // what a step has in front of its last event
	for _, step := range s.film.steps {
		took := (s.film.at(step.to) - s.film.at(step.from)).Seconds() * perSecond
		extra[step.to] += max(share-took, 0)
	}
	for i := 1; i < len(s.x); i++ {
		took := (s.film.at(i) - s.film.at(i-1)).Seconds() * perSecond
		s.x[i] = s.x[i-1] + took + extra[i]
	}
	return s.x[len(s.x)-1]
}

// col returns the column of an event.
func (s *scale) col(event int) int { return s.column(s.x[event]) }

func (s *scale) column(x float64) int { return min(max(int(x+1e-6), 0), s.width-1) }

// now returns the place between two events: n have happened, and the clock shows t.
func (s *scale) now(n int, t time.Duration) float64 {
	if n >= len(s.x)-1 {
		return s.x[len(s.x)-1]
	}
	from, to := s.film.at(n), s.film.at(n+1)
	if to <= from {
		return s.x[n]
	}
	part := float64(t-from) / float64(to-from)
	return s.x[n] + (s.x[n+1]-s.x[n])*min(max(part, 0), 1)
}

// place returns where the clock first shows a time.
func (s *scale) place(t time.Duration) float64 {
	n := 0
	for n < s.film.length() && s.film.at(n+1) < t {
		n++
	}
	return s.now(n, t)
}
