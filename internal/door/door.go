// Package door lets the packages of this module reach what the root package
// does not export. The root package hangs its handles here when it is
// initialized.
package door

import "github.com/asyncio-go/asyncio/internal/engine"

// A World is what a loop runs in: a clock, a poller, and, if it is not nil, a
// picker.
type World struct {
	Clock  engine.Clock
	Poller engine.Poller
	Picker engine.Picker
}

// InWorld returns an asyncio.Option that makes a loop run in the world that
// newWorld returns, in place of the real one.
var InWorld func(newWorld func() World) any
