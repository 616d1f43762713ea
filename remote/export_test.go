package remote

import "time"

// LookEvery is an option of executors: how often they look whether the server has what it
// had.
func LookEvery(d time.Duration) Option {
	return executorOption(func(c *executorConfig) { c.every = d })
}
