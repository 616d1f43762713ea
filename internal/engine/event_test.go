package engine

import (
	"slices"
	"testing"
	"time"
)

// still is a clock that stands still.
type still struct{}

func (still) Now() time.Duration { return 0 }

// fired returns the events of the ready queue that would fire.
func fired(l *Loop) (all []number) {
	for l.ready.Len() > 0 {
		if n, ok := l.ready.take().(number); ok {
			all = append(all, n)
		}
	}
	return all
}

// What was taken back never fires, though it is in the ready queue.
func TestTakenBack(t *testing.T) {
	newLoop := func() *Loop {
		l := new(Loop)
		l.Init(still{}, new(countingPoller), nil)
		for i := range 3 {
			l.Push(number(i))
		}
		return l
	}
	want := []number{0, 1, 2, 4}
	t.Run("a subscription that was woken", func(t *testing.T) {
		l := newLoop()
		var s Subscription
		var ws Waiters
		s.Init(l, number(3))
		ws.Add(&s.Waiter)
		ws.WakeAll()
		l.Push(number(4))
		s.Remove()
		if got := fired(l); !slices.Equal(got, want) {
			t.Errorf("%v fired", got)
		}
	})
	t.Run("a subscription that was posted", func(t *testing.T) {
		l := newLoop()
		var s Subscription
		told := false
		s.Init(l, eventFunc(func() { told = true }))
		if err := s.Post(); err != nil {
			t.Fatal(err)
		}
		l.inbox.drain(l)
		s.Remove()
		for l.ready.Len() > 0 {
			l.ready.take().Fire()
		}
		if told {
			t.Error("it fired")
		}
	})
	t.Run("a timer whose deadline was reached", func(t *testing.T) {
		l := newLoop()
		var timer Timer
		timer.Set(l, -1, number(3))
		l.expire(0)
		l.Push(number(4))
		timer.Stop(l)
		if got := fired(l); !slices.Equal(got, want) {
			t.Errorf("%v fired", got)
		}
	})
	t.Run("a timer that was set anew", func(t *testing.T) {
		l := newLoop()
		var timer Timer
		timer.SetNow(l, number(3))
		l.Push(number(4))
		timer.SetNow(l, number(5))
		if got := fired(l); !slices.Equal(got, append(want, 5)) {
			t.Errorf("%v fired", got)
		}
	})
	t.Run("a callback", func(t *testing.T) {
		l := newLoop()
		c, told := new(Callback), false
		c.Init(l, func() { told = true })
		c.Schedule()
		c.Cancel()
		for l.ready.Len() > 0 {
			if e := l.ready.take(); e != nil {
				e.Fire()
			}
		}
		if told || !c.Canceled() {
			t.Error("it was called")
		}
	})
	t.Run("but not what stands in the place of one that has had its turn", func(t *testing.T) {
		l := new(Loop)
		l.Init(still{}, new(countingPoller), nil)
		var timer Timer
		timer.SetNow(l, number(0))
		l.turn(true)
		l.take()
		l.endPass()
		l.Push(number(1))
		timer.Stop(l)
		timer.Stop(l)
		if got := fired(l); !slices.Equal(got, []number{1}) {
			t.Errorf("%v fired", got)
		}
	})
}

type eventFunc func()

func (f eventFunc) Fire() { f() }
