package orderedset

import (
	"slices"
	"testing"
)

func TestSet(t *testing.T) {
	expect := func(t *testing.T, r *Set[string], want ...string) {
		t.Helper()
		if got := slices.Collect(r.All()); !slices.Equal(got, want) || r.Len() != len(want) {
			t.Errorf("it has %d members: %q, want %q", r.Len(), got, want)
		}
	}
	t.Run("has its members in the order in which they came", func(t *testing.T) {
		var r Set[string]
		expect(t, &r)
		for _, name := range []string{"d", "a", "c", "b", "a"} {
			r.Add(name)
		}
		expect(t, &r, "d", "a", "c", "b")
	})
	t.Run("forgets the place of one that goes", func(t *testing.T) {
		var r Set[string]
		r.Remove("nobody")
		r.Add("a")
		r.Add("b")
		r.Remove("a")
		r.Add("a")
		expect(t, &r, "b", "a")
	})
	t.Run("leaves out who goes before its turn, and who comes meanwhile", func(t *testing.T) {
		var r Set[string]
		r.Add("a")
		r.Add("b")
		r.Add("c")
		var called []string
		for name := range r.All() {
			called = append(called, name)
			r.Remove("b")
			r.Add("d")
		}
		if !slices.Equal(called, []string{"a", "c"}) {
			t.Errorf("it called %q", called)
		}
		expect(t, &r, "a", "c", "d")
	})
	t.Run("may be left in the middle", func(t *testing.T) {
		var r Set[string]
		r.Add("a")
		r.Add("b")
		for name := range r.All() {
			if name != "a" {
				t.Errorf("%q came as well", name)
			}
			break
		}
	})
}
