package ring

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// number is an element that is known by its number.
type number int

func drain(q *Ring[number]) (all []number) {
	for q.Len() > 0 {
		all = append(all, q.Pop())
	}
	return all
}

func TestRing(t *testing.T) {
	t.Run("is first in, first out, however it grows and turns", func(t *testing.T) {
		var q Ring[number]
		var want []number
		r := rand.New(rand.NewPCG(1, 2))
		next := number(0)
		for range 100_000 {
			if r.IntN(5) < 3 {
				q.Push(next)
				want = append(want, next)
				next++
			} else if len(want) > 0 {
				if q.Peek() != want[0] {
					t.Fatalf("peek is %v, want %v", q.Peek(), want[0])
				}
				if got := q.Pop(); got != want[0] {
					t.Fatalf("pop is %v, want %v", got, want[0])
				}
				want = want[1:]
			}
			if q.Len() != len(want) {
				t.Fatalf("its length is %d, want %d", q.Len(), len(want))
			}
		}
		for i, e := range want {
			if *q.At(i) != e {
				t.Fatalf("at(%d) is %v, want %v", i, *q.At(i), e)
			}
		}
	})
	t.Run("keeps no event that it has given out", func(t *testing.T) {
		var q Ring[number]
		for i := range 100 {
			q.Push(number(i))
		}
		drain(&q)
		if slices.ContainsFunc(q.buf, func(e number) bool { return e != 0 }) {
			t.Error("the ring is not empty")
		}
	})
	t.Run("gives a large ring back when it is empty", func(t *testing.T) {
		var q Ring[number]
		for i := range 3 * maxSpare / 8 {
			q.Push(number(i))
		}
		drain(&q)
		if len(q.buf)*8 > maxSpare {
			t.Errorf("a ring of %d is left", len(q.buf))
		}
		q.Push(number(1))
		if got := drain(&q); !slices.Equal(got, []number{1}) {
			t.Errorf("then it holds %v", got)
		}
	})
}
