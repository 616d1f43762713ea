package asyncio

import "github.com/asyncio-go/asyncio/internal/ring"

// items is where a queue keeps its items. The three queues differ in nothing else.
// If Push or Pop panics, it has changed nothing.
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
//
// Push and Pop find the place of an item before they move any, so that nothing has
// happened if less panics.
type priority[T any] struct {
	heap []numbered[T]
	next uint64
	less func(a, b T) bool

	comparing bool   // less has not returned
	panicked  func() // is called when less has panicked, or ended its goroutine
}

type numbered[T any] struct {
	item   T
	number uint64
}

// before reports whether a is handed out before b. The older item comes first, unless the
// other is less.
func (p *priority[T]) before(a, b *numbered[T]) bool {
	if a.number < b.number {
		return !p.less(b.item, a.item)
	}
	return p.less(a.item, b.item)
}

func (p *priority[T]) Push(item T) {
	e := numbered[T]{item, p.next}
	place := p.placeOf(&e)
	p.next++
	p.heap = append(p.heap, e)
	hole := len(p.heap) - 1
	for hole > place {
		p.heap[hole] = p.heap[parent(hole)]
		hole = parent(hole)
	}
	p.heap[place] = e
}

// placeOf finds the place of a new item.
func (p *priority[T]) placeOf(e *numbered[T]) int {
	p.comparing = true
	defer p.compared()
	place := len(p.heap)
	for place > 0 && p.before(e, &p.heap[parent(place)]) {
		place = parent(place)
	}
	p.comparing = false
	return place
}

func (p *priority[T]) Pop() T {
	last := len(p.heap) - 1
	e := p.heap[last]
	place := p.placeWithoutTop(last)
	p.heap[last] = numbered[T]{}
	p.heap = p.heap[:last]
	if last == 0 {
		return e.item
	}
	for ; place > 0; place = parent(place) {
		e, p.heap[place] = p.heap[place], e
	}
	top := p.heap[0].item
	p.heap[0] = e
	return top
}

// placeWithoutTop finds the new place of the last item when the top has been taken out.
// First, the items on the way down from the top each move up by one. The last item comes
// from the bottom, and mostly belongs there, so comparing with it on the way down would
// be wasted work.
func (p *priority[T]) placeWithoutTop(last int) int {
	p.comparing = true
	defer p.compared()
	place := p.bottom(p.heap[:last])
	for place > 0 && p.before(&p.heap[last], &p.heap[place]) {
		place = parent(place)
	}
	p.comparing = false
	return place
}

// bottom returns the end of the way down from the top, along the children that go first.
func (p *priority[T]) bottom(h []numbered[T]) (at int) {
	child := 1
	for ; child+1 < len(h); child = 2*at + 1 {
		// No processor can predict which of the two goes first. So there is no branch
		// here; a call of before would have two.
		pair := h[child : child+2]
		older := bit(pair[1].number < pair[0].number)
		first := older ^ bit(p.less(pair[1-older].item, pair[older].item))
		at = child + first
	}
	if child < len(h) {
		at = child
	}
	return at
}

func (p *priority[T]) compared() {
	if p.comparing {
		p.comparing = false
		p.panicked()
	}
}

func parent(i int) int { return int(uint(i-1) / 2) } // unsigned, because that is a shift

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}
