package engine

import (
	"math"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
)

// A pollPacer decides before which passes a loop that does not sleep polls its
// descriptors, and lets other goroutines run where they have no thread of their own.
// Polls should be pollInterval apart, because a poll is a system call, and most passes
// are shorter than that. To ask the clock in every pass would be expensive as well.
//
// A loop with a timer has to ask the clock in every pass in any case, and polls when the
// time has come. A loop without a timer looks at the clock only after a number of steps,
// its stride. Any step may be longer than those before it. So the stride is always small,
// however short the steps were, and becomes smaller at once when steps become longer.
type pollPacer struct {
	watched int           // how many descriptors are watched
	next    uint64        // the next look, by how many events the loop has taken; never: none
	stride  uint64        // how many of them there are between two looks
	looks   int           // how many looks there were since the last poll
	looked  time.Duration // when the last look was
	polled  time.Duration // when the last poll was
	unsure  bool          // there was a poll later than that: the loop has slept
}

const (
	// pollInterval is the time between two polls that the pacer aims at.
	pollInterval = 20 * time.Microsecond
	// maxStride bounds the steps between two looks, however short they are, and so
	// how many of them can be long before the pacer sees that.
	maxStride = 8
	// maxLooks bounds the looks up to a poll, however little time goes by.
	maxLooks = 8
	// never is the next look of a pacer that watches no descriptors.
	never = math.MaxUint64
)

// init makes a pacer one of a loop that watches nothing.
func (p *pollPacer) init() {
	p.stride = 1
	p.doubt()
	p.watch(0)
}

// watch notes that there are n descriptors more.
func (p *pollPacer) watch(n int) {
	p.watched += n
	switch wanted := coro.OneThread || p.watched > 0; {
	case !wanted:
		p.next = never
	case p.next == never:
		p.next = 0
	}
}

// isDue reports whether to poll before the next pass; from then on it says so until
// polls is called. Before a poll that is not due, it says when to look again.
func (p *pollPacer) isDue(taken uint64, now time.Duration, timed bool) bool {
	switch {
	case p.unsure && timed: // the loop has just slept: this is the first pass since
		p.polls(taken, now)
		return false
	case taken >= p.next:
		return p.look(taken, now)
	default:
		return p.insist()
	}
}

// mayWait reports whether it is too early for both a poll and a look.
func (p *pollPacer) mayWait(taken uint64, now time.Duration) bool {
	return taken < p.next && now-p.polled < pollInterval
}

// look reports whether to poll, after a stride.
func (p *pollPacer) look(taken uint64, now time.Duration) bool {
	const interval = pollInterval / 2 // between looks
	passed := now - p.looked
	switch {
	case p.next == 0, p.unsure: // it insists, or does not know how much of that it has slept
		return p.insist()
	case passed > interval:
		p.stride = max(p.stride*uint64(interval)/uint64(passed), 1)
	case passed < interval/2:
		p.stride = min(2*p.stride, maxStride)
	}
	p.looked, p.next = now, taken+p.stride
	p.looks++
	return (p.looks >= maxLooks || now-p.polled+passed >= pollInterval) && p.insist()
}

// insist makes isDue say yes.
func (p *pollPacer) insist() bool {
	p.next = 0
	return true
}

// polls notes that the loop polls.
func (p *pollPacer) polls(taken uint64, now time.Duration) {
	p.looked, p.polled, p.next = now, now, taken+p.stride
	p.looks, p.unsure = 0, false
}

// slept notes that the loop has just polled, by sleeping.
func (p *pollPacer) slept(taken uint64) {
	if p.next != never {
		p.next = taken + p.stride
		p.doubt()
	}
}

// doubt notes that the time of the last poll is not known; until it is, it counts as long
// ago.
func (p *pollPacer) doubt() { p.polled, p.unsure = -pollInterval, true }
