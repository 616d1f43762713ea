// Package door lets the packages of this module reach what the root package
// does not export. The root package hangs its handle here when it is
// initialized.
package door

import "github.com/asyncio-go/asyncio/internal/engine"

// CountOutside counts what runs outside a loop and will come back to it; see
// config.World. Any goroutine may call it.
var CountOutside func(l *engine.Loop, n int)
