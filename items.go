package asyncio

import "github.com/asyncio-go/asyncio/internal/ring"

// items is where a queue keeps its items. The three queues differ in nothing else.
type items[T any] interface {
	Push(T)
	Pop() T // must not be called when there is no item
}

// A kind makes the items of a queue. It is a type, so that a zero queue knows
// of which kind it is.
type kind[T any] interface{ none() items[T] }

type (
	fifo[T any]   struct{}
	lifo[T any]   struct{}
	ranked[T any] struct{}
)

func (fifo[T]) none() items[T] { return new(ring.Ring[T]) }
func (lifo[T]) none() items[T] { return new(stack[T]) }

func (ranked[T]) none() items[T] {
	panic("asyncio: a zero PriorityQueue has no order: make it with NewPriorityQueue")
}

type stack[T any] []T

func (s *stack[T]) Push(item T) { *s = append(*s, item) }

func (s *stack[T]) Pop() T {
	var zero T
	last := len(*s) - 1
	item := (*s)[last]
	(*s)[last] = zero
	*s = (*s)[:last]
	return item
}

// priority is a binary heap. Items that are equal keep their order by the
// number that they got when they came.
type priority[T any] struct {
	heap []numbered[T]
	next uint64
	less func(a, b T) bool
}

type numbered[T any] struct {
	item   T
	number uint64
}

// before reports whether a is handed out before b: the older one is, unless
// the other is less.
func (p *priority[T]) before(a, b *numbered[T]) bool {
	if a.number < b.number {
		return !p.less(b.item, a.item)
	}
	return p.less(a.item, b.item)
}

func (p *priority[T]) Push(item T) {
	e := numbered[T]{item, p.next}
	p.next++
	p.heap = append(p.heap, e)
	p.rise(len(p.heap)-1, e)
}

func (p *priority[T]) Pop() T {
	top := p.heap[0].item
	last := len(p.heap) - 1
	e := p.heap[last]
	p.heap[last] = numbered[T]{}
	p.heap = p.heap[:last]
	if last > 0 {
		p.rise(p.sink(), e)
	}
	return top
}

// sink moves the hole at the top down until nothing is below it. The item that will
// fill it comes from the bottom, and mostly belongs there, so it would be in vain to
// compare with it on the way.
func (p *priority[T]) sink() (hole int) {
	h := p.heap
	child := 1
	for ; child+1 < len(h); child = 2*hole + 1 {
		// No processor foresees which of two goes first. So there is no branch
		// here; a call of before would have two.
		pair := h[child : child+2]
		older := bit(pair[1].number < pair[0].number)
		first := older ^ bit(p.less(pair[1-older].item, pair[older].item))
		h[hole] = pair[first]
		hole = child + first
	}
	if child < len(h) {
		h[hole] = h[child]
		hole = child
	}
	return hole
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// rise puts e into a hole, or above it.
func (p *priority[T]) rise(hole int, e numbered[T]) {
	for hole > 0 {
		parent := (hole - 1) / 2
		if !p.before(&e, &p.heap[parent]) {
			break
		}
		p.heap[hole] = p.heap[parent]
		hole = parent
	}
	p.heap[hole] = e
}
