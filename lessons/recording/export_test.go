package recording

import "github.com/asyncio-go/asyncio/internal/engine"

// WithHeard lets fn be called after all that the loop tells, with how many events there are
// by then.
func (p Program) WithHeard(fn func(events int, l *engine.Loop)) Program {
	p.heard = fn
	return p
}
