package workers

import "time"

// The waits before a process is started again: each is twice the one before, and the first
// again after a process that has lived for a while.
const (
	firstWait   = time.Second
	longestWait = 30 * time.Second
	aWhile      = time.Minute
)

// A backoff is the last wait.
type backoff time.Duration

// next returns how long to wait after a process that has lived for so long.
func (b *backoff) next(lived time.Duration) time.Duration {
	wait := min(2*time.Duration(*b), longestWait)
	if wait == 0 || lived >= aWhile {
		wait = firstWait
	}
	*b = backoff(wait)
	return wait
}
