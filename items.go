package asyncio

// items is where a queue keeps its items: the three queues differ in it.
type items[T any] interface {
	Push(T)
	Pop() T // of what is not empty
}

// lifo is a stack.
type lifo[T any] []T

func (l *lifo[T]) Push(item T) { *l = append(*l, item) }

func (l *lifo[T]) Pop() T {
	var zero T
	last := len(*l) - 1
	item := (*l)[last]
	(*l)[last] = zero
	*l = (*l)[:last]
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
