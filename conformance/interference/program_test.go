// Package interference runs random programs on one to three loops while other
// goroutines interfere, and looks at what must hold whatever happens: no item, no
// permit and no error is lost, all tasks end, and nothing is left.
package interference

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

var (
	total = flag.Int64("actions", 20_000, "how many `actions` the programs do in all")
	first = flag.Uint64("seed", 1, "the `seed` of the first program")
)

// patience is how long a program may take before it is said to hang. It decides
// nothing: none takes a hundredth of it.
const patience = 2 * time.Minute

// A program is what a seed makes of the actions. The order in which they happen is
// the machine's.
type program struct {
	t      testing.TB
	seed   uint64
	debug  bool
	abrupt bool         // it ends in the middle, and the end of its loops has to clean up
	left   atomic.Int64 // how many actions there are to do
	done   atomic.Int64
	ledger *ledger
	pool   *asyncio.WorkerPool
	houses []*house

	channels [2]chan int // without a buffer, and with one
}

// TestProgramsWithInterference runs programs until they have done as many actions
// as -actions says.
func TestProgramsWithInterference(t *testing.T) {
	asynctest.NothingIsLeft(t)
	catchSignals()
	most := *total
	if testing.Short() {
		most = min(most, 2000)
	}
	did := int64(0)
	for seed := *first; did < most && !t.Failed(); seed++ {
		did += run(t, seed, 200)
		if t.Failed() {
			t.Logf("the program of seed %d failed; other goroutines take part, so it may not do so again", seed)
		}
	}
	t.Logf("%d actions", did)
}

// FuzzPrograms lets go test -fuzz draw the seeds.
func FuzzPrograms(f *testing.F) {
	f.Add(uint64(1), uint16(50))
	f.Fuzz(func(t *testing.T, seed uint64, size uint16) {
		asynctest.NothingIsLeft(t)
		catchSignals()
		run(t, seed, int64(size%1000)+1)
	})
}

// run runs one program, and returns how many actions it has done.
func run(t testing.TB, seed uint64, size int64) int64 {
	rng := rand.New(rand.NewPCG(seed, 0))
	p := &program{t: t, seed: seed, debug: rng.IntN(2) == 0, abrupt: rng.IntN(3) == 0, ledger: newLedger(), pool: asyncio.NewWorkerPool(2)}
	p.left.Store(size)
	p.channels = [2]chan int{make(chan int), make(chan int, 2)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		p.run(1+rng.IntN(3), rng)
	}()
	select {
	case <-ended:
	case <-time.After(patience):
		stacks := make([]byte, 1<<22)
		t.Fatalf("the program of seed %d hangs:\n%s", seed, stacks[:runtime.Stack(stacks, true)])
	}
	p.ledger.checkErrors(t)
	if !p.abrupt {
		p.drainChannels()
		p.ledger.checkItems(t)
	}
	return p.done.Load()
}

func (p *program) drainChannels() {
	for _, c := range p.channels {
		close(c)
		for item := range c {
			p.ledger.taken(p.t, item)
		}
	}
}

func (p *program) run(loops int, rng *rand.Rand) {
	stop := make(chan struct{})
	var others sync.WaitGroup
	err := asyncio.RunGroup(context.Background(), loops, func(ctx context.Context, g *asyncio.LoopGroup) error {
		if err := p.build(ctx, g); err != nil {
			return err
		}
		for i := range 2 {
			own := rand.New(rand.NewPCG(rng.Uint64(), uint64(i)))
			others.Go(func() { p.interfere(own, stop) })
		}
		err := p.onAll(ctx, g, func(ctx context.Context, h *house) error { return h.live(ctx) })
		close(stop)
		if err := asyncio.ToThreadFunc(ctx, func(context.Context) error { others.Wait(); return nil }); err != nil {
			return err
		}
		if p.abrupt {
			return err
		}
		return errors.Join(err, p.onAll(ctx, g, func(ctx context.Context, h *house) error { return h.end(ctx) }))
	}, asyncio.Debug(p.debug), asyncio.SlowStep(time.Hour), asyncio.OnException(p.reported))
	others.Wait()
	if err != nil {
		p.t.Errorf("seed %d: Run returned %v", p.seed, err)
	}
	if err := p.pool.Shutdown(context.Background()); err != nil {
		p.t.Error(err)
	}
}

// reported is the exception handler of all loops.
func (p *program) reported(c asyncio.ExceptionContext) {
	p.ledger.see(c.Err)
	var f *failure
	if c.Err == nil || !errors.As(c.Err, &f) && !isPanicOfOurs(c.Err) && !errors.Is(c.Err, asyncio.ErrCanceled) && !errors.Is(c.Err, asyncio.ErrTimeout) &&
		!errors.Is(c.Err, context.DeadlineExceeded) && !errors.Is(c.Err, asyncio.ErrGoexit) && !errors.Is(c.Err, asyncio.ErrBrokenBarrier) {
		p.t.Errorf("seed %d: reported: %v", p.seed, c)
	}
}

func isPanicOfOurs(err error) bool {
	var e *asyncio.PanicError
	if !errors.As(err, &e) {
		return false
	}
	_, ours := e.Value.(*failure)
	return ours
}

// build makes the houses, each on its loop.
func (p *program) build(ctx context.Context, g *asyncio.LoopGroup) error {
	p.houses = make([]*house, g.Len())
	for i := range p.houses {
		h, err := on(ctx, g.Loop(i), func(ctx context.Context) (*house, error) {
			return newHouse(ctx, p, uint64(i)+1), nil
		})
		if err != nil {
			return err
		}
		p.houses[i] = h
	}
	return nil
}

// on is RunOn for any loop, the calling one as well.
func on[T any](ctx context.Context, l *asyncio.Loop, c asyncio.Coro[T]) (T, error) {
	if l == asyncio.RunningLoop(ctx) {
		return c(ctx)
	}
	return asyncio.RunOn(ctx, l, c)
}

// onAll runs a function in all houses at once.
func (p *program) onAll(ctx context.Context, g *asyncio.LoopGroup, fn func(ctx context.Context, h *house) error) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for _, h := range p.houses {
			tg.Go(func(ctx context.Context) error {
				_, err := on(ctx, h.loop, func(ctx context.Context) (int, error) { return 0, fn(ctx, h) })
				return err
			})
		}
		return nil
	})
}

// live does what there is to do in a house.
func (h *house) live(ctx context.Context) error {
	for h.p.left.Load() > 0 {
		err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for range 3 {
				h.remember(asyncio.Spawn(tg, h.coroutine(0)))
			}
			return nil
		}, asyncio.Supervised())
		h.p.ledger.see(err)
	}
	return nil
}

// end ends all that is still there, and looks at what is left.
func (h *house) end(ctx context.Context) error {
	for range 100 {
		var still []string
		for _, t := range asyncio.AllTasks(ctx) {
			if t.ID != asyncio.CurrentTask(ctx).ID {
				still = append(still, t.Name)
			}
		}
		if len(still) <= 1 { // the main coroutine of the loop, of which this may be another task
			break
		}
		for _, t := range h.tasks {
			t.Cancel()
		}
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
			return fmt.Errorf("in the end: %w", err)
		}
	}
	h.check(ctx, h.p.t)
	return nil
}
