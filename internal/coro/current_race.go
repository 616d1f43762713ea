//go:build race

package coro

import "sync/atomic"

// A Current holds the identity of the goroutine that runs a loop; see current.go.
// Under the race detector it is atomic, so that misuse from a foreign
// goroutine ends in the panic that explains it, not in a report of a race.
type Current struct{ id atomic.Int64 }

// Set stores the identity.
func (m *Current) Set(id int64) { m.id.Store(id) }

// Get returns it.
func (m *Current) Get() int64 { return m.id.Load() }
