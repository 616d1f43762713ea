package engine

import (
	"errors"
	"runtime"
	"sync"
	"testing"
	"time"
)

// countingPoller counts what is asked of it.
type countingPoller struct{ waits, wakes int }

func (p *countingPoller) Wait(time.Duration) error { p.waits++; return nil }
func (p *countingPoller) Wake() error              { p.wakes++; return nil }
func (p *countingPoller) Close() error             { return nil }

func TestInbox(t *testing.T) {
	t.Run("of a loop that works costs no wake-up", func(t *testing.T) {
		var b inbox
		p := new(countingPoller)
		_ = b.post(number(1), p)
		if p.wakes != 0 || !b.filled() {
			t.Errorf("%d wake-ups; filled: %v", p.wakes, b.filled())
		}
	})
	t.Run("wakes a loop that sleeps, once", func(t *testing.T) {
		var b inbox
		p := new(countingPoller)
		b.state.Store(inboxSleeping)
		_ = b.post(number(1), p)
		_ = b.post(number(2), p)
		if p.wakes != 1 {
			t.Errorf("%d wake-ups", p.wakes)
		}
	})
	t.Run("that holds something keeps the loop from sleeping", func(t *testing.T) {
		var b inbox
		p := new(countingPoller)
		_ = b.post(number(1), p)
		if _, err := b.sleep(p, -1); err != nil || p.waits != 0 {
			t.Errorf("it waited %d times", p.waits)
		}
	})
	t.Run("hands its events over in their order", func(t *testing.T) {
		var b inbox
		l := new(Loop)
		for i := range number(3) {
			_ = b.post(i, new(countingPoller))
		}
		b.drain(l)
		b.drain(l)
		if got := drain(&l.ready); len(got) != 3 || got[0] != 0 || got[2] != 2 || b.filled() {
			t.Errorf("it handed over %v", got)
		}
	})
	t.Run("that is closed takes nothing and touches no poller", func(t *testing.T) {
		var b inbox
		p := new(countingPoller)
		b.state.Store(inboxSleeping)
		b.close()
		if err := b.post(number(1), p); !errors.Is(err, ErrLoopClosed) || p.wakes != 0 {
			t.Errorf("post returned %v, after %d wake-ups", err, p.wakes)
		}
	})
	t.Run("loses nothing of many senders", func(t *testing.T) {
		var b inbox
		l := new(Loop)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for i := range 1000 {
					_ = b.post(number(i), new(countingPoller))
				}
			})
		}
		for l.ready.Len() < 8000 {
			if b.filled() {
				b.drain(l)
			} else {
				runtime.Gosched() // there may be one thread only, as on js/wasm
			}
		}
		all.Wait()
	})
}
