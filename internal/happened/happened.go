// Package happened is how package console, which keeps what loops have done, gives it to
// package trace, which can write it.
package happened

import (
	"iter"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A Loop is what a loop has done for a while. Times are those since Start.
type Loop struct {
	Number  int
	Start   time.Time
	Length  time.Duration // until now
	Dropped uint64        // events of that time that are lost
	All     iter.Seq[engine.Happening]
}
