package poller

import (
	"math"
	"sync"
	"testing"
	"time"
)

// A poller is what the loop wants of one.
type poller interface {
	Wait(timeout time.Duration) error
	Wake() error
	Close() error
}

// pollers are all that can be tested on this system.
var pollers = map[string]func() (poller, error){
	"portable":      func() (poller, error) { return NewPortable(), nil },
	"of the system": func() (poller, error) { return New() },
}

func inAll(t *testing.T, test func(t *testing.T, p poller)) {
	for name, open := range pollers {
		t.Run(name, func(t *testing.T) {
			p, err := open()
			if err != nil {
				t.Fatal(err)
			}
			defer func() {
				if err := p.Close(); err != nil {
					t.Error(err)
				}
			}()
			test(t, p)
		})
	}
}

func mustWait(t *testing.T, p poller, timeout time.Duration) {
	t.Helper()
	if err := p.Wait(timeout); err != nil {
		t.Error(err)
	}
}

func mustWake(t *testing.T, p poller) {
	t.Helper()
	if err := p.Wake(); err != nil {
		t.Error(err)
	}
}

func TestWake(t *testing.T) {
	inAll(t, func(t *testing.T, p poller) {
		t.Run("before a wait ends it", func(t *testing.T) {
			mustWake(t, p)
			mustWait(t, p, -1)
		})
		t.Run("during a wait ends it", func(t *testing.T) {
			for range 100 {
				var waker sync.WaitGroup
				waker.Go(func() { mustWake(t, p) })
				mustWait(t, p, -1)
				waker.Wait()
			}
		})
		t.Run("ends a wait with a timeout too", func(t *testing.T) {
			mustWake(t, p)
			mustWait(t, p, 1000*time.Hour)
		})
		t.Run("many times before a wait ends one wait only", func(t *testing.T) {
			for range 1000 {
				mustWake(t, p)
			}
			mustWait(t, p, -1)
			begin := time.Now()
			mustWait(t, p, 3*time.Millisecond)
			if d := time.Since(begin); d < 3*time.Millisecond {
				t.Errorf("the second wait ended after %v", d)
			}
		})
		t.Run("by many goroutines loses none", func(t *testing.T) {
			var all sync.WaitGroup
			for range 8 {
				all.Go(func() {
					for range 100 {
						mustWake(t, p)
					}
				})
			}
			mustWait(t, p, -1)
			all.Wait()
		})
	})
}

func TestWait(t *testing.T) {
	inAll(t, func(t *testing.T, p poller) {
		t.Run("lasts for its timeout", func(t *testing.T) {
			for _, d := range []time.Duration{time.Millisecond, 2500 * time.Microsecond, 4 * time.Millisecond} {
				begin := time.Now()
				mustWait(t, p, d)
				if passed := time.Since(begin); passed < d {
					t.Errorf("a wait of %v ended after %v", d, passed)
				}
			}
		})
		t.Run("of less than a millisecond lasts for one", func(t *testing.T) {
			begin := time.Now()
			mustWait(t, p, 1)
			// An early end by less is within the system's resolution.
			if passed := time.Since(begin); passed < 900*time.Microsecond {
				t.Errorf("it ended after %v", passed)
			}
		})
		t.Run("of nothing returns", func(t *testing.T) { mustWait(t, p, 0) })
		t.Run("again after a timeout works", func(t *testing.T) {
			mustWait(t, p, time.Millisecond)
			mustWake(t, p)
			mustWait(t, p, -1)
			mustWait(t, p, time.Millisecond)
		})
	})
}

func TestRoundUp(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		0:                            0,
		1:                            time.Millisecond,
		time.Millisecond:             time.Millisecond,
		time.Millisecond + 1:         2 * time.Millisecond,
		1500 * time.Microsecond:      2 * time.Millisecond,
		time.Hour - time.Microsecond: time.Hour,
		math.MaxInt64:                longestWait,
	} {
		if got := roundUp(d); got != want {
			t.Errorf("%v is rounded to %v, want %v", d, got, want)
		}
	}
}

func TestClock(t *testing.T) {
	c := NewClock()
	first := c.Now()
	second := c.Now()
	if first < 0 || second < first {
		t.Errorf("it went from %v to %v", first, second)
	}
	if since := time.Since(c.Origin()); since < second {
		t.Errorf("its origin is %v ago, and it says %v", since, second)
	}
}
