package engine

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// subscribe puts n numbered places into a list.
func subscribe(l *Loop, ws *Waiters, n int) []Subscription {
	all := make([]Subscription, n)
	for i := range all {
		all[i].Init(l, number(i))
		ws.Add(&all[i].Waiter)
	}
	return all
}

func TestWaiters(t *testing.T) {
	t.Run("are woken first come, first served", func(t *testing.T) {
		l, ws := new(Loop), new(Waiters)
		subscribe(l, ws, 3)
		for i := range number(3) {
			if !ws.Wake() {
				t.Error("no one was there")
			}
			if got := drain(&l.ready); !slices.Equal(got, []number{i}) {
				t.Errorf("%v was woken, want %v", got, i)
			}
		}
		if ws.Wake() || !ws.Empty() {
			t.Error("someone is left")
		}
	})
	t.Run("are all woken in their order", func(t *testing.T) {
		l, ws := new(Loop), new(Waiters)
		subscribe(l, ws, 4)
		ws.WakeAll()
		if got := drain(&l.ready); !slices.Equal(got, []number{0, 1, 2, 3}) {
			t.Errorf("%v were woken", got)
		}
	})
	t.Run("leave from anywhere", func(t *testing.T) {
		for leaver := range 4 {
			l, ws := new(Loop), new(Waiters)
			all := subscribe(l, ws, 4)
			all[leaver].Remove()
			all[leaver].Remove()
			if all[leaver].Listed() {
				t.Error("who has left is listed")
			}
			ws.WakeAll()
			if got, want := drain(&l.ready), slices.Delete([]number{0, 1, 2, 3}, leaver, leaver+1); !slices.Equal(got, want) {
				t.Errorf("without %d, %v were woken", leaver, got)
			}
		}
	})
	t.Run("come and go like a list", func(t *testing.T) {
		l, ws, want := new(Loop), new(Waiters), []number{}
		all := make([]Subscription, 20)
		r := rand.New(rand.NewPCG(3, 4))
		for range 10_000 {
			i := r.IntN(len(all))
			if at := slices.Index(want, number(i)); at < 0 {
				all[i].Init(l, number(i))
				ws.Add(&all[i].Waiter)
				want = append(want, number(i))
			} else {
				all[i].Remove()
				want = slices.Delete(want, at, at+1)
			}
			if ws.Empty() != (len(want) == 0) {
				t.Fatalf("empty: %v, with %v waiting", ws.Empty(), want)
			}
		}
		ws.WakeAll()
		if got := drain(&l.ready); !slices.Equal(got, want) {
			t.Errorf("%v were woken, want %v", got, want)
		}
	})
}
