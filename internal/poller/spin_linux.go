package poller

// A spinner decides whether a loop that has nothing to do spins before it sleeps:
// polls again and again for a moment. Putting a thread to sleep and waking it takes about
// as much processor time as such a moment, and events are handled later. So a spin pays
// if an event comes within the moment more often than not. The spinner decides by the
// last results, and spins now and then only to see whether they would be different now.
type spinner struct {
	trust   int8 // rises with each spin that paid, falls with each that did not
	skipped int8 // sleeps without a spin since the last try
}

const (
	// pollsPerSpin is the length of a spin: 100 polls take 15 to 20 µs.
	pollsPerSpin = 100
	// minTrust and maxTrust bound trust, so that a spinner soon changes its mind.
	minTrust = -4
	maxTrust = 4
	// skipsPerTest is how many sleeps there are for each spin that is only a test.
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
		s.trust = min(s.trust+1, maxTrust)
	} else {
		s.trust = max(s.trust-1, minTrust)
	}
}
