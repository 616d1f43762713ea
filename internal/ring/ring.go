// Package ring is a queue in a slice: the ready queue of a loop is one, and so
// is what a Queue holds.
package ring

import "unsafe"

// A Ring is first in, first out. The zero Ring is empty. Peek, Pop and At do not check
// that the element exists.
type Ring[T any] struct {
	buf  []T // its length is zero or a power of two
	head int
	len  int
}

const (
	firstSize = 8       // how many elements the first slice has room for
	maxSpare  = 1 << 18 // how many bytes the largest slice has that is kept after a burst
)

// Len returns the number of elements.
func (r *Ring[T]) Len() int { return r.len }

// Push puts an element at the end.
func (r *Ring[T]) Push(e T) {
	if r.len == len(r.buf) {
		r.grow()
	}
	r.buf[(r.head+r.len)&(len(r.buf)-1)] = e
	r.len++
}

// Peek returns the first element.
func (r *Ring[T]) Peek() T { return r.buf[r.head] }

// Pop takes the first element out.
func (r *Ring[T]) Pop() T {
	var zero T
	first := &r.buf[r.head]
	e := *first
	*first = zero
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.len--
	if r.len == 0 && uintptr(len(r.buf))*unsafe.Sizeof(zero) > maxSpare {
		*r = Ring[T]{}
	}
	return e
}

// At returns the i-th element from the first.
func (r *Ring[T]) At(i int) *T { return &r.buf[(r.head+i)&(len(r.buf)-1)] }

func (r *Ring[T]) grow() {
	buf := make([]T, max(firstSize, 2*len(r.buf)))
	n := copy(buf, r.buf[r.head:])
	copy(buf[n:], r.buf[:r.head])
	r.buf, r.head = buf, 0
}
