package engine

import (
	"slices"
	"testing"
)

// An obituary is an Ending that notes when it is told.
type obituary struct {
	name  int
	told  *[]int
	first func() // what it does when it is told
}

func (o *obituary) LoopClosed() {
	*o.told = append(*o.told, o.name)
	if o.first != nil {
		o.first()
	}
}

func TestAtEnd(t *testing.T) {
	t.Run("who asked first is told first, and who went is not told", func(t *testing.T) {
		l := new(Loop)
		l.Init(nil, new(countingPoller), nil)
		var told []int
		var all []*obituary
		for i := range 100 {
			all = append(all, &obituary{name: i, told: &told})
			l.AtEnd(all[i])
		}
		for i := 0; i < 100; i += 2 {
			l.NotAtEnd(all[i])
		}
		l.AtEnd(all[0])
		all[1].first = func() { l.NotAtEnd(all[3]) }
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		var want []int
		for i := 1; i < 100; i += 2 {
			if i != 3 {
				want = append(want, i)
			}
		}
		if want = append(want, 0); !slices.Equal(told, want) {
			t.Errorf("they were told in the order %v", told)
		}
	})
}

// A droppable is an event that is told if the loop ends before it fires.
type droppable func()

func (droppable) Fire()   {}
func (d droppable) Drop() { d() }

func TestClose(t *testing.T) {
	t.Run("tells every event, whatever one of them takes back", func(t *testing.T) {
		l := new(Loop)
		l.Init(still{}, new(countingPoller), nil)
		l.Push(number(0))
		l.turn(true)
		l.take()
		var c Callback
		c.Init(l, func() {})
		told := 0
		l.Push(droppable(func() {
			told++
			c.Cancel()
		}))
		c.Schedule()
		l.Push(droppable(func() { told++ }))
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		if told != 2 {
			t.Errorf("%d of 2 events were told", told)
		}
	})
}

func TestSettle(t *testing.T) {
	t.Run("runs its passes, though the one before was stopped early", func(t *testing.T) {
		l := new(Loop)
		l.Init(still{}, new(countingPoller), nil)
		l.Push(eventFunc(l.Stop))
		for _, want := range []uint64{1, 1 + 3} { // the pass in which it ends is one more
			if err := l.Settle(3); err != nil || l.passes != want {
				t.Errorf("%d passes, want %d; %v", l.passes, want, err)
			}
		}
	})
}
