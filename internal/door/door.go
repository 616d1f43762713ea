// Package door lets the packages of this module reach what the root package
// does not export. The root package hangs its handles here when it is
// initialized.
package door

import (
	"sync/atomic"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A World is what a loop runs in. Only Clock and Poller have to be there.
type World struct {
	Clock    engine.Clock
	Poller   engine.Poller
	Picker   engine.Picker
	Contexts engine.ContextWatcher
	Outside  *atomic.Int64 // counts what runs outside the loop and will come back to it
}

// InWorld returns an asyncio.Option that makes a loop run in the world that
// newWorld returns, in place of the real one.
var InWorld func(newWorld func() World) any
