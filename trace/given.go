package trace

import (
	"iter"
	"runtime"
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/happened"
)

// Of returns as a Recording what package console has kept of a loop. It is for that
// package only: no other package can make a happened.Loop. Use a [Recorder] to record.
func Of(l happened.Loop) *Recording {
	one := &recorded{loopInfo: loopInfo{number: l.Number, dropped: l.Dropped, last: l.Length}}
	r := &Recording{
		program: programName(), version: runtime.Version(), start: l.Start, length: l.Length, places: &ofProcess{},
	}
	for some := range parts(l.All) {
		b := &block{loop: l.Number}
		b.fill(slices.Values(some), one)
		r.blocks = append(r.blocks, b)
	}
	r.loops = []loopInfo{one.loopInfo}
	r.labels = labelsOf(r.blocks)
	return r
}

// partLength is how many events a block has at most: fewer than it can have texts.
const partLength = 4096

// parts yields the happenings in parts. The happenings of one step stay together, because
// the one that says how a task has ended comes before its last step.
func parts(all iter.Seq[engine.Happening]) iter.Seq[[]engine.Happening] {
	return func(yield func([]engine.Happening) bool) {
		var part []engine.Happening
		for h := range all {
			part = append(part, h)
			if len(part) >= partLength && Kind(h.Kind).isStep() {
				if !yield(part) {
					return
				}
				part = part[:0]
			}
		}
		if len(part) > 0 {
			yield(part)
		}
	}
}
