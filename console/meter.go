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

const (
	meterStep  = int64(100 * time.Millisecond)
	meterSteps = 16 // a little more than the second that is looked at
)

// A meter sums up how long something lasted, in tenths of a second.
type meter struct {
	newest int64 // the number of the newest tenth
	begin  int64 // when it began
	sums   [meterSteps]int64
}

// add counts the time from from to to.
func (m *meter) add(from, to int64) {
	if to <= from {
		return
	}
	if from >= m.begin && to <= m.begin+meterStep { // the usual case
		m.sums[m.newest%meterSteps] += to - from
		return
	}
	last := (to - 1) / meterStep
	m.advance(last)
	for i := max(from/meterStep, m.newest-meterSteps+1, 0); i <= last; i++ {
		m.sums[i%meterSteps] += min(to, (i+1)*meterStep) - max(from, i*meterStep)
	}
}

func (m *meter) advance(tenth int64) {
	for n := min(tenth-m.newest, meterSteps); n > 0; n-- {
		m.sums[(tenth-n+1)%meterSteps] = 0
	}
	m.newest = max(m.newest, tenth)
	m.begin = m.newest * meterStep
}

// share returns which part of the last whole second before now it was.
func (m *meter) share(now int64) float64 {
	const window = int64(time.Second) / meterStep
	end := now / meterStep // the tenth that has just begun does not count
	m.advance(end)
	var sum int64
	for i := max(end-window, 0); i < end; i++ {
		if i > m.newest-meterSteps {
			sum += m.sums[i%meterSteps]
		}
	}
	return min(float64(sum)/float64(time.Second), 1)
}
