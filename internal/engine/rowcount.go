package engine

import (
	"cmp"
	"slices"
	"strings"
)

// A RowCount says how much rows of one kind have done of one thing, since someone watches.
// Records can be dropped; this is counted where they are made, and so is complete.
type RowCount struct {
	Label
	What                           string // see Row.What
	Begun, Ended, Failed, Canceled uint64 // those that failed or ended canceled have ended, too
}

// mostCounted bounds how many things are told apart; more are counted as one without a name.
const mostCounted = 200

// count counts what is told. The caller holds the lock.
func (s *side) count(k Kind, r Row, failure string) {
	c := s.counted(r.Label, r.What)
	switch {
	case k == Began:
		c.Begun++
		return
	case strings.HasPrefix(failure, ErrCanceled.Error()):
		c.Canceled++
	case failure != "":
		c.Failed++
	}
	c.Ended++
}

func (s *side) counted(of Label, what string) *RowCount {
	i := slices.IndexFunc(s.counts, func(c RowCount) bool { return c.Label == of && c.What == what })
	switch {
	case i >= 0:
		return &s.counts[i]
	case len(s.counts) >= mostCounted && what != "":
		return s.counted(of, "")
	}
	s.counts = append(s.counts, RowCount{Label: of, What: what})
	return &s.counts[len(s.counts)-1]
}

// RowCounts returns what rows beside the loop have done, sorted by kind and by what. What
// began before someone watched, and ended since, is among what has ended. Any goroutine
// may call it.
func (l *Loop) RowCounts() []RowCount {
	tr := l.tracing.Load()
	if tr == nil {
		return nil
	}
	tr.side.mu.Lock()
	counts := slices.Clone(tr.side.counts)
	tr.side.mu.Unlock()
	slices.SortFunc(counts, func(a, b RowCount) int {
		return cmp.Or(cmp.Compare(a.String(), b.String()), cmp.Compare(a.What, b.What))
	})
	return counts
}
