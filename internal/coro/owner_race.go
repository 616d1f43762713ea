//go:build race

package coro

import "sync/atomic"

// An Owner holds the identity of the goroutine that runs a loop; see owner.go.
// Under the race detector it is atomic, so that misuse from a foreign
// goroutine ends in the panic that explains it, not in a report of a race.
type Owner struct{ id atomic.Int64 }

// Set stores the identity.
func (m *Owner) Set(id int64) { m.id.Store(id) }

// Get returns it.
func (m *Owner) Get() int64 { return m.id.Load() }
