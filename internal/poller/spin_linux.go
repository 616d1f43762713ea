package poller

// A spinner decides whether a loop that has nothing to do looks again and again
// for a moment before it sleeps. To sleep and to be woken costs a processor
// about as much as such a moment, and the news comes late by it: so it pays
// where an answer is on its way more often than not, and nowhere else. The
// spinner goes by what happened lately, and tries now and then whether times
// have changed.
type spinner struct {
	trust   int8 // rises with each spin that paid, falls with each that did not
	skipped int8 // sleeps without a spin since the last try
}

const (
	looksOfASpin = 100 // 15 to 20 µs
	mostTrust    = 4
	leastTrust   = -4
	skipsPerTest = 64
)

// worth reports whether to spin before the sleep to come.
func (s *spinner) worth() bool {
	if s.trust >= 0 {
		return true
	}
	if s.skipped++; s.skipped < skipsPerTest {
		return false
	}
	s.skipped = 0
	return true
}

// learn notes whether a spin has paid.
func (s *spinner) learn(paid bool) {
	if paid {
		s.trust = min(s.trust+1, mostTrust)
	} else {
		s.trust = max(s.trust-1, leastTrust)
	}
}
