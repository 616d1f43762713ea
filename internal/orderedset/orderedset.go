// Package orderedset is a set that remembers the order in which its members came.
package orderedset

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// A Set is a set. Its members come and go often, in any order, and are
// called seldom; so they are in a map, and put in order when they are called.
// The zero Set is empty.
type Set[T comparable] struct {
	members map[T]uint64 // with the number under which they came
	last    uint64
}

// Add adds a member. One that is there already keeps its place.
func (r *Set[T]) Add(member T) {
	if r.members == nil {
		r.members = map[T]uint64{}
	}
	if _, there := r.members[member]; !there {
		r.last++
		r.members[member] = r.last
	}
}

// Remove takes a member out, if it is there.
func (r *Set[T]) Remove(member T) { delete(r.members, member) }

// Len returns the number of members.
func (r *Set[T]) Len() int { return len(r.members) }

// All ranges over the members, in the order in which they came. One that is
// taken out before its turn is left out; one that comes meanwhile has to wait
// for the next time.
func (r *Set[T]) All() iter.Seq[T] {
	return func(yield func(T) bool) {
		byAge := func(a, b T) int { return cmp.Compare(r.members[a], r.members[b]) }
		for _, member := range slices.SortedFunc(maps.Keys(r.members), byAge) {
			if _, there := r.members[member]; there && !yield(member) {
				return
			}
		}
	}
}
