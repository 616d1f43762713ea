// Package bugs holds three classic mistakes of concurrent programs, each with
// what mends it: an update that is lost across a wait, two locks that are taken
// in opposite orders, and a check whose outcome is no longer true when it is
// acted upon.
//
// No data race is in them, so the race detector has nothing to say. The order
// of events in which they show is not that of a quiet day, so a plain test
// passes. asynciotest.Explore finds each in a few runs, prints the line that
// replays it, and passes the mended versions in every order; see bugs_test.go.
package bugs

import (
	"context"

	"github.com/asyncio-go/asyncio"
)

// remote stands for round trips to another machine, during each of which
// others have their turn.
func remote(ctx context.Context, trips int) error {
	for range trips {
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
	}
	return nil
}
