package engine

import (
	"cmp"
	"maps"
	"slices"
)

// An Ending is what wants to know when the loop ends.
type Ending interface{ LoopClosed() }

// AtEnd lets e know of the loop's end. Who asks first is told first.
func (l *Loop) AtEnd(e Ending) { l.endings.add(e) }

// NotAtEnd takes back what AtEnd did.
func (l *Loop) NotAtEnd(e Ending) { delete(l.endings.asked, e) }

// endings are who wants to know. They come and go with every connection, in
// any order, and are told once; so they are in a map, and only put in order in
// the end.
type endings struct {
	asked map[Ending]uint64 // with the number of the request
	last  uint64
}

func (es *endings) add(e Ending) {
	if es.asked == nil {
		es.asked = map[Ending]uint64{}
	}
	es.last++
	es.asked[e] = es.last
}

// tell tells all. One that is told may take another back.
func (es *endings) tell() {
	byAge := func(a, b Ending) int { return cmp.Compare(es.asked[a], es.asked[b]) }
	for _, e := range slices.SortedFunc(maps.Keys(es.asked), byAge) {
		if _, waits := es.asked[e]; waits {
			delete(es.asked, e)
			e.LoopClosed()
		}
	}
}
