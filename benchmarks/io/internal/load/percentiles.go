//go:build linux

package load

import (
	"slices"
	"time"
)

// percentiles sorts latencies, of which there is at least one, and returns the
// 50th percentile and the 99th.
func percentiles(latencies []time.Duration) (p50, p99 time.Duration) {
	slices.Sort(latencies)
	return latencies[len(latencies)/2], latencies[len(latencies)*99/100]
}
