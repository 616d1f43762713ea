package asyncio

import "github.com/asyncio-go/asyncio/internal/ring"

// items is where a queue keeps its items: the three queues differ in it.
type items[T any] interface {
	Push(T)
	Pop() T // of what is not empty
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

func (p *priority[T]) before(a, b *numbered[T]) bool {
	if p.less(a.item, b.item) {
		return true
	}
	return a.number < b.number && !p.less(b.item, a.item)
}

func (p *priority[T]) Push(item T) {
	e := numbered[T]{item, p.next}
	p.next++
	p.heap = append(p.heap, e)
	i := len(p.heap) - 1
	for i > 0 {
		parent := (i - 1) / 2
		if !p.before(&e, &p.heap[parent]) {
			break
		}
		p.heap[i] = p.heap[parent]
		i = parent
	}
	p.heap[i] = e
}

func (p *priority[T]) Pop() T {
	top := p.heap[0].item
	last := len(p.heap) - 1
	e := p.heap[last]
	p.heap[last] = numbered[T]{}
	p.heap = p.heap[:last]
	if last > 0 {
		p.sink(e)
	}
	return top
}

// sink puts e into the hole at the top, or below it.
func (p *priority[T]) sink(e numbered[T]) {
	i := 0
	for {
		child := 2*i + 1
		if child >= len(p.heap) {
			break
		}
		if right := child + 1; right < len(p.heap) && p.before(&p.heap[right], &p.heap[child]) {
			child = right
		}
		if !p.before(&p.heap[child], &e) {
			break
		}
		p.heap[i] = p.heap[child]
		i = child
	}
	p.heap[i] = e
}
