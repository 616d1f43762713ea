//go:build invariants

package engine

func (h *timers) verifyIfBuilt() { h.verify() }
