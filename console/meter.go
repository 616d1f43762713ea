package console

import (
	"math/bits"
	"time"
)

// buckets is the length of every histogram: [i] counts what took less than 2^i
// microseconds, and not less than half of that.
const buckets = 32

// bucketOf returns the place of a duration in a histogram.
func bucketOf(d int64) int {
	if d <= 0 {
		return 0
	}
	return min(bits.Len64(uint64(d)/1000), buckets-1)
}

// quantile returns the duration below which this share of what a histogram counts is:
// the upper bound of its bucket.
func quantile(counts []uint64, share float64) int64 {
	var total uint64
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return 0
	}
	rest := uint64(share * float64(total))
	for i, n := range counts {
		if n > rest {
			return int64(1000) << i
		}
		rest -= n
	}
	return int64(1000) << (len(counts) - 1)
}

const lagWindow = 10 // seconds

// lags are the waits for a turn in the last ten seconds, second by second.
type lags struct {
	second  int64 // the one that is counted now
	begin   int64 // when it began
	seconds [lagWindow][buckets]uint32
}

func (l *lags) add(at, lag int64) {
	if at < l.begin || at >= l.begin+int64(time.Second) {
		l.advance(at / int64(time.Second))
	}
	l.seconds[l.second%lagWindow][bucketOf(lag)]++
}

// advance forgets the seconds that are over.
func (l *lags) advance(second int64) {
	for n := min(second-l.second, lagWindow); n > 0; n-- {
		l.seconds[(second-n+1)%lagWindow] = [buckets]uint32{}
	}
	l.second = max(l.second, second)
	l.begin = l.second * int64(time.Second)
}

// counts returns the histogram of the ten seconds before a time.
func (l *lags) counts(now int64) []uint64 {
	l.advance(now / int64(time.Second))
	sum := make([]uint64, buckets)
	for i := range l.seconds {
		for j, n := range l.seconds[i] {
			sum[j] += uint64(n)
		}
	}
	return sum
}

// workedShare is the share of its time in which a loop did not sleep. It comes from the
// loop itself: events may be lost.
type workedShare struct {
	last  restedUntil
	known bool // share is
	share float64
}

// note takes how long the loop has slept until a time. Each share but the first is about
// a second or more.
func (s *workedShare) note(r restedUntil) {
	if r.since != s.last.since || r.slept < s.last.slept || s.last.at == 0 {
		*s = workedShare{last: restedUntil{since: r.since, at: r.since}}
	}
	d := r.at - s.last.at
	if d <= 0 || s.known && d < int64(time.Second)*9/10 {
		return
	}
	s.share = min(max(1-float64(r.slept-s.last.slept)/float64(d), 0), 1)
	s.known, s.last = true, r
}
