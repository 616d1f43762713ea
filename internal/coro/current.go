//go:build !race

package coro

// A Current holds the identity of the goroutine that runs a loop. One goroutine
// at a time writes it. Any other goroutine may read it, to learn that it is not the one
// that runs the loop. It is a plain word, not an atomic one: what another goroutine reads
// only has to differ from its own identity, and an atomic store would make every switch a
// tenth slower.
type Current struct{ id int64 }

// Set stores the identity.
func (m *Current) Set(id int64) { m.id = id }

// Get returns it.
func (m *Current) Get() int64 { return m.id }
