// Package list is an intrusive list: what is listed embeds its own node, so that to
// add and to remove it takes constant time and no memory.
package list

// A List is first in, first out, but any node may be removed before its turn. The
// zero List is empty.
type List[T any] struct {
	first *Node[T] // the nodes are a ring, so first.prev is the last one
}

// A Node is a place in at most one List. The zero Node is in none.
type Node[T any] struct {
	next, prev *Node[T]
	Value      T // what embeds the node
}

// Listed reports whether the node is in a list.
func (n *Node[T]) Listed() bool { return n.next != nil }

// Next returns the node after this one in its list; after the last one, the first.
func (n *Node[T]) Next() *Node[T] { return n.next }

// First returns the first node; nil: there is none.
func (l *List[T]) First() *Node[T] { return l.first }

// Add puts a node at the end.
func (l *List[T]) Add(n *Node[T]) {
	first := l.first
	if first == nil {
		n.next, n.prev, l.first = n, n, n
		return
	}
	n.next, n.prev = first, first.prev
	n.prev.next, first.prev = n, n
}

// Remove takes a node of this list out.
func (l *List[T]) Remove(n *Node[T]) {
	if n.next == n {
		l.first = nil
	} else {
		n.prev.next, n.next.prev = n.next, n.prev
		if l.first == n {
			l.first = n.next
		}
	}
	n.next, n.prev = nil, nil
}

// All ranges over the values, from the first to the one that is the last when All
// begins. Meanwhile, the value that is yielded may be removed, and others may be
// added; the one after it must stay.
func (l *List[T]) All(yield func(T) bool) {
	if l.first == nil {
		return
	}
	last := l.first.prev
	for n := l.first; ; {
		next := n.next
		if !yield(n.Value) || n == last {
			return
		}
		n = next
	}
}
