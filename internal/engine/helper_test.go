package engine

import "github.com/asyncio-go/asyncio/internal/ring"

// number is an event that is known by its number.
type number int

func (number) Fire() {}

// drain takes all numbers out.
func drain(q *ring.Ring[Event]) (all []number) {
	for q.Len() > 0 {
		all = append(all, q.Pop().(number))
	}
	return all
}
