package list

import (
	"math/rand/v2"
	"slices"
	"testing"
)

func all(l *List[int]) (values []int) {
	for v := range l.All {
		values = append(values, v)
	}
	return values
}

func TestList(t *testing.T) {
	t.Run("keeps the order in which nodes came, whoever leaves", func(t *testing.T) {
		var l List[int]
		var want []*Node[int]
		r := rand.New(rand.NewPCG(1, 2))
		for i := range 10_000 {
			if r.IntN(5) < 3 {
				n := &Node[int]{Value: i}
				l.Add(n)
				want = append(want, n)
			} else if len(want) > 0 {
				at := r.IntN(len(want))
				l.Remove(want[at])
				if want[at].Listed() {
					t.Fatal("a node that has left is listed")
				}
				want = slices.Delete(want, at, at+1)
			}
			if first := l.First(); (first == nil) != (len(want) == 0) || first != nil && first != want[0] {
				t.Fatalf("step %d: the first is %v", i, first)
			}
		}
		var values []int
		for _, n := range want {
			values = append(values, n.Value)
		}
		if got := all(&l); !slices.Equal(got, values) {
			t.Errorf("it holds %v, want %v", got, values)
		}
	})
	t.Run("lets the one leave whose turn it is, and others come", func(t *testing.T) {
		var l List[int]
		nodes := make([]Node[int], 5)
		for i := range nodes {
			nodes[i].Value = i
		}
		for i := range 3 {
			l.Add(&nodes[i])
		}
		var got []int
		for v := range l.All {
			got = append(got, v)
			l.Remove(&nodes[v])
			if v < 2 {
				l.Add(&nodes[3+v])
			}
		}
		if !slices.Equal(got, []int{0, 1, 2}) || !slices.Equal(all(&l), []int{3, 4}) {
			t.Errorf("it went %v, and %v are left", got, all(&l))
		}
	})
	t.Run("ends when the loop does", func(t *testing.T) {
		var l List[int]
		a, b := Node[int]{Value: 1}, Node[int]{Value: 2}
		l.Add(&a)
		l.Add(&b)
		for v := range l.All {
			if v != 1 {
				t.Error("it went on")
			}
			break
		}
	})
	t.Run("of no one is empty", func(t *testing.T) {
		var l List[int]
		if l.First() != nil || all(&l) != nil {
			t.Error("there is one")
		}
	})
}
