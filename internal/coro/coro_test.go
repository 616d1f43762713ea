package coro

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// A script is a coroutine that runs a function.
type script struct {
	Coro
	body func(*script)
}

func (s *script) main(yield func(struct{}) bool) {
	s.Begin(yield)
	s.body(s)
}

func newScript(body func(*script)) *script {
	s := &script{body: body}
	s.Init(s.main, GoroutineID())
	return s
}

func TestCoro(t *testing.T) {
	t.Run("runs in turns with who resumes it", func(t *testing.T) {
		var got []string
		s := newScript(func(s *script) {
			got = append(got, "one")
			s.Suspend()
			got = append(got, "two")
		})
		got = append(got, "made")
		s.Resume()
		got = append(got, "suspended")
		s.Resume()
		got = append(got, "ended")
		if want := []string{"made", "one", "suspended", "two", "ended"}; !slices.Equal(got, want) {
			t.Errorf("it went %q", got)
		}
	})
	t.Run("suspends however deep", func(t *testing.T) {
		var deep func(s *script, n int)
		deep = func(s *script, n int) {
			if n == 0 {
				s.Suspend()
				return
			}
			deep(s, n-1)
		}
		over := false
		s := newScript(func(s *script) {
			deep(s, 10_000)
			over = true
		})
		s.Resume()
		s.Resume()
		if !over {
			t.Error("it did not come back")
		}
	})
	t.Run("may resume another", func(t *testing.T) {
		var got []int
		inner := newScript(func(s *script) {
			got = append(got, 1)
			s.Suspend()
			got = append(got, 3)
		})
		outer := newScript(func(s *script) {
			inner.Resume()
			got = append(got, 2)
			s.Suspend()
			inner.Resume()
		})
		outer.Resume()
		outer.Resume()
		if !slices.Equal(got, []int{1, 2, 3}) {
			t.Errorf("it went %v", got)
		}
	})
	t.Run("may be resumed by one goroutine after another", func(t *testing.T) {
		n := 0
		s := newScript(func(s *script) {
			for range 3 {
				n++
				s.Suspend()
			}
		})
		for range 3 {
			var one sync.WaitGroup
			one.Go(s.Resume)
			one.Wait()
		}
		s.Resume()
		if n != 3 {
			t.Errorf("%d turns", n)
		}
	})
	t.Run("has the identity of its own stack", func(t *testing.T) {
		var inside int64
		s := newScript(func(s *script) { inside = GoroutineID() })
		if s.ID != GoroutineID() {
			t.Errorf("before its first turn it is %d; the test is %d", s.ID, GoroutineID())
		}
		s.Resume()
		if s.ID != inside || inside == GoroutineID() || inside == 0 {
			t.Errorf("it is %d, and %d inside; the test is %d", s.ID, inside, GoroutineID())
		}
	})
	t.Run("is resumed by TryResume only where it is suspended", func(t *testing.T) {
		turns := 0
		s := newScript(func(s *script) {
			for range 2 {
				turns++
				if s.TryResume() {
					t.Error("it was resumed while it runs")
				}
				s.Suspend()
			}
		})
		if s.TryResume() || turns != 0 {
			t.Error("it was resumed before it had begun")
		}
		s.Resume()
		if !s.TryResume() || turns != 2 {
			t.Errorf("it was not resumed; it has had %d turns", turns)
		}
		s.Resume()
	})
	t.Run("leaves no goroutine behind", func(t *testing.T) {
		before := runtime.NumGoroutine()
		for range 1000 {
			s := newScript(func(s *script) { s.Suspend() })
			s.Resume()
			s.Resume()
		}
		for runtime.NumGoroutine() > before { // those of other tests may end meanwhile
			runtime.Gosched()
		}
	})
}

func TestStack(t *testing.T) {
	t.Run("shows where a coroutine is suspended", func(t *testing.T) {
		s := newScript(waitsHere)
		s.Resume()
		if stack := string(Stack(s.ID)); !strings.Contains(stack, "coro.waitsHere") || strings.Contains(stack, "\n\n") {
			t.Errorf("the stack is\n%s", stack)
		}
		s.Resume()
	})
	t.Run("shows the goroutine that asks", func(t *testing.T) {
		if stack := string(Stack(GoroutineID())); !strings.Contains(stack, "TestStack") {
			t.Errorf("the stack is\n%s", stack)
		}
	})
	t.Run("of no goroutine is none", func(t *testing.T) {
		if stack := Stack(-1); stack != nil {
			t.Errorf("the stack is\n%s", stack)
		}
	})
}

//go:noinline
func waitsHere(s *script) {
	s.Suspend()
	runtime.KeepAlive(s)
}

func TestGoroutineID(t *testing.T) {
	ids := make(chan int64, 10)
	var all sync.WaitGroup
	for range cap(ids) {
		all.Go(func() { ids <- GoroutineID() })
	}
	all.Wait()
	close(ids)
	for id := range ids {
		if id == 0 || id == GoroutineID() {
			t.Errorf("another goroutine has %d", id)
		}
	}
}

func TestCurrent(t *testing.T) {
	var m Current
	if m.Get() != 0 {
		t.Errorf("the zero Current is %d", m.Get())
	}
	m.Set(7)
	if m.Get() != 7 {
		t.Errorf("it is %d", m.Get())
	}
}
