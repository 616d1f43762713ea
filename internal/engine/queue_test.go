package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// number is an event that is known by its number.
type number int

func (number) Fire() {}

func drain(q *queue) (all []number) {
	for q.len > 0 {
		all = append(all, q.pop().(number))
	}
	return all
}

func TestQueue(t *testing.T) {
	t.Run("is first in, first out, however it grows and turns", func(t *testing.T) {
		var q queue
		var want []Event
		r := rand.New(rand.NewPCG(1, 2))
		next := number(0)
		for range 100_000 {
			if r.IntN(5) < 3 {
				q.push(next)
				want = append(want, next)
				next++
			} else if len(want) > 0 {
				if q.peek() != want[0] {
					t.Fatalf("peek is %v, want %v", q.peek(), want[0])
				}
				if got := q.pop(); got != want[0] {
					t.Fatalf("pop is %v, want %v", got, want[0])
				}
				want = want[1:]
			}
			if q.len != len(want) {
				t.Fatalf("its length is %d, want %d", q.len, len(want))
			}
		}
		for i, e := range want {
			if *q.at(i) != e {
				t.Fatalf("at(%d) is %v, want %v", i, *q.at(i), e)
			}
		}
	})
	t.Run("keeps no event that it has given out", func(t *testing.T) {
		var q queue
		for i := range 100 {
			q.push(number(i))
		}
		drain(&q)
		if slices.ContainsFunc(q.ring, func(e Event) bool { return e != nil }) {
			t.Error("the ring is not empty")
		}
	})
	t.Run("gives a large ring back when it is empty", func(t *testing.T) {
		var q queue
		for i := range 3 * queueKeeps {
			q.push(number(i))
		}
		drain(&q)
		if len(q.ring) > queueKeeps {
			t.Errorf("a ring of %d is left", len(q.ring))
		}
		q.push(number(1))
		if got := drain(&q); !slices.Equal(got, []number{1}) {
			t.Errorf("then it holds %v", got)
		}
	})
	t.Run("brings an event forward and leaves the order of the others", func(t *testing.T) {
		for shift := range 64 { // where the ring is closed
			for i := range 5 {
				var q queue
				for range shift {
					q.push(number(-1))
					q.pop()
				}
				for e := range number(5) {
					q.push(e)
				}
				q.bringForward(i)
				want := slices.Delete([]number{0, 1, 2, 3, 4}, i, i+1)
				want = slices.Insert(want, 0, number(i))
				if got := drain(&q); !slices.Equal(got, want) {
					t.Fatalf("number %d brought forward: %v", i, got)
				}
			}
		}
	})
}
