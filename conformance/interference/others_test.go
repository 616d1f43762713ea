package interference

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/asyncio-go/asyncio"
)

// interfere is what other goroutines do to the loops until the program ends.
func (p *program) interfere(rng *rand.Rand, stop <-chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
		}
		h := p.houses[rng.IntN(len(p.houses))]
		switch rng.IntN(11) {
		case 0:
			p.post(h, func() { _ = cancelsTask(h, nil, 0) })
		case 1:
			p.post(h, func() { h.event.Set() })
		case 2:
			p.post(h, func() { panic(p.ledger.fail("a callback")) })
		case 3:
			p.runsOn(h, time.Duration(rng.IntN(300))*time.Microsecond)
		case 4:
			p.cancelsConcurrentFuture(h, rng.IntN(2) == 0)
		case 5:
			runtime.GC() // the collector is what finds errors that nobody can take any more
		case 6:
			p.usesChannels(rng)
		case 7:
			p.signals()
		default:
			time.Sleep(time.Duration(rng.IntN(100)) * time.Microsecond)
		}
	}
}

// usesChannels sends and receives as far as that is possible at once.
func (p *program) usesChannels(rng *rand.Rand) {
	item := p.ledger.offer()
	select {
	case p.channel(rng) <- item:
		p.ledger.accepted(p.t, item, nil)
	default:
		p.ledger.accepted(p.t, item, errFull)
	}
	select {
	case item := <-p.channel(rng):
		p.ledger.taken(p.t, item)
	default:
	}
}

var errFull = errors.New("nobody receives")

func (p *program) post(h *house, fn func()) {
	if err := h.loop.CallSoonThreadsafe(fn); err != nil {
		p.t.Errorf("CallSoonThreadsafe: %v", err)
	}
}

// runsOn runs a coroutine on a loop, and may give up before it has ended.
func (p *program) runsOn(h *house, d time.Duration) {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	defer cancel()
	_, err := asyncio.RunOn(ctx, h.loop, func(ctx context.Context) (int, error) { return h.coroutine(2)(ctx) })
	p.ledger.see(err)
}

func (p *program) cancelsConcurrentFuture(h *house, gone bool) {
	f := asyncio.RunCoroutineThreadsafe(h.loop, func(ctx context.Context) (int, error) { return h.coroutine(2)(ctx) })
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if gone { // the waiter gives up; then the error is the exception handler's
		cancel()
	}
	_, err := f.Wait(ctx)
	p.ledger.see(err)
	f.Cancel()
}
