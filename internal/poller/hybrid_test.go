//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
)

func init() {
	pollers["of the system, alone"] = func() (poller, error) { return newSystem() }
}

func TestHybrid(t *testing.T) {
	p, err := New()
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	a, b := socketPair(t)
	wakes := func(t *testing.T) {
		for range 100 {
			var waker sync.WaitGroup
			waker.Go(func() { mustWake(t, p) })
			mustWait(t, p, -1)
			waker.Wait()
		}
	}
	t.Run("is woken before it watches a descriptor", wakes)
	l := &listener{}
	mustWatch(t, p, a, engine.Readable, true, l)
	t.Run("while it watches one", wakes)
	t.Run("hears of it", func(t *testing.T) {
		send(t, b, "news")
		expectHeard(t, p, l, engine.Readable)
	})
	mustUnwatch(t, p, a)
	t.Run("and when it watches it no longer", wakes)
}
