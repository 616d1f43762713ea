// Package orderedset is a set that remembers the order in which its members were
// added.
package orderedset

import (
	"cmp"
	"iter"
	"maps"
	"slices"
)

// A Set is a set. Members are added and removed often, in any order, and ranged over
// seldom; so they are in a map, and All sorts them. The zero Set is empty.
type Set[T comparable] struct {
	members map[T]uint64 // the number that each member got when it was added
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

// All ranges over the members, in the order in which they were added. A member that
// is removed before its turn is not yielded, nor is one that is added meanwhile.
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
