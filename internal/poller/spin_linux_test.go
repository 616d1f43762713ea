package poller

import "testing"

// spins lets a spinner decide about n sleeps, each spin of which pays or not,
// and counts the spins.
func spins(s *spinner, n int, paid bool) (count int) {
	for range n {
		if s.worth() {
			count++
			s.learn(paid)
		}
	}
	return count
}

func TestSpinner(t *testing.T) {
	const many = 100 * skipsPerTest
	t.Run("spins before every sleep while that pays", func(t *testing.T) {
		if got := spins(new(spinner), many, true); got != many {
			t.Errorf("it spun %d times in %d", got, many)
		}
	})
	t.Run("soon stops where it does not, and only tries now and then", func(t *testing.T) {
		var s spinner
		spins(&s, many, true)
		first := spins(&s, skipsPerTest, false)
		if first > maxTrust+2 {
			t.Errorf("it went on for %d spins in vain", first)
		}
		if got := spins(&s, many, false); got != many/skipsPerTest {
			t.Errorf("it tried %d times in %d sleeps, want one in %d", got, many, skipsPerTest)
		}
	})
	t.Run("finds out that times have changed", func(t *testing.T) {
		var s spinner
		spins(&s, many, false)
		spins(&s, skipsPerTest*-minTrust, true)
		if got := spins(&s, many, true); got != many {
			t.Errorf("it spun %d times in %d", got, many)
		}
	})
}
