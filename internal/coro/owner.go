//go:build !race

package coro

// An Owner holds the identity of the goroutine that runs a loop. One goroutine
// at a time writes it; any other may read it, to learn that it is not the
// one. It is a plain word: it only ever has to differ from the reader's own
// identity, and an atomic store at every switch would cost a tenth of it.
type Owner struct{ id int64 }

// Set stores the identity.
func (m *Owner) Set(id int64) { m.id = id }

// Get returns it.
func (m *Owner) Get() int64 { return m.id }
