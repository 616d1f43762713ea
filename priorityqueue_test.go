package asyncio_test

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A ranked is an item of a priority queue that knows when it came.
type ranked struct{ rank, number int }

func byRank(a, b ranked) int { return cmp.Compare(a.rank, b.rank) }

// A moody compares, and panics at the call that it is told.
type moody struct{ left int } // calls up to the panic; 0: none

func (m *moody) less(a, b ranked) bool {
	if m.left > 0 {
		if m.left--; m.left == 0 {
			panic("in a bad mood")
		}
	}
	return byRank(a, b) < 0
}

// holds reports whether fn returns, and does not panic.
func (m *moody) holds(fn func()) (holds bool) {
	defer func() { _ = recover() }()
	fn()
	return true
}

// FuzzPriorityQueue compares a queue whose less panics now and then with a sorted
// slice. Each byte is an operation: what to do, when to panic, and a rank.
func FuzzPriorityQueue(f *testing.F) {
	for seed := range uint64(8) {
		data, random := make([]byte, 200), rand.New(rand.NewPCG(seed, 0))
		for i := range data {
			data[i] = byte(random.Uint32())
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const size = 20
		var mood moody
		var model []ranked
		q := asyncio.NewPriorityQueue(size, mood.less)
		for number, b := range data {
			mood.left = int(b>>1) % 4
			item := ranked{int(b >> 3), number}
			if b&1 == 0 {
				var err error
				if mood.holds(func() { err = q.TryPut(item) }) && err == nil {
					model = append(model, item)
					slices.SortStableFunc(model, byRank)
				} else if err != nil && len(model) < size {
					t.Fatalf("%d: %v with %d items", number, err, len(model))
				}
			} else {
				var got ranked
				var err error
				switch holds := mood.holds(func() { got, err = q.TryGet() }); {
				case holds && err == nil && got != model[0]:
					t.Fatalf("%d: got %v, want %v", number, got, model[0])
				case holds && err == nil:
					model = model[1:]
				case err != nil && len(model) > 0:
					t.Fatalf("%d: %v with %d items", number, err, len(model))
				}
			}
			if q.Len() != len(model) {
				t.Fatalf("%d: %d items, want %d", number, q.Len(), len(model))
			}
		}
		mood.left = 0
		for _, want := range model {
			if got, err := q.TryGet(); got != want || err != nil {
				t.Fatalf("got %v, %v, want %v", got, err, want)
			}
		}
	})
}

// A crowdedQueue is used by many tasks at once, each of which may be hit by a panic.
type crowdedQueue struct {
	mood                 moody
	q                    *asyncio.PriorityQueue[ranked]
	put, got             []ranked
	waitToPut, waitToGet int
}

func (c *crowdedQueue) putIn(item ranked) func(ctx context.Context) error {
	return func(ctx context.Context) (err error) {
		c.waitToPut++
		holds := c.mood.holds(func() { err = c.q.Put(ctx, item) })
		c.waitToPut--
		if holds && err == nil {
			c.put = append(c.put, item)
		}
		return nil
	}
}

func (c *crowdedQueue) takeOut(ctx context.Context) error {
	var item ranked
	var err error
	c.waitToGet++
	holds := c.mood.holds(func() { item, err = c.q.Get(ctx) })
	c.waitToGet--
	if holds && err == nil {
		c.got = append(c.got, item)
	}
	return nil
}

func TestNoOneWaitsInVainWhereLessPanics(t *testing.T) {
	for seed := range uint64(4) {
		asynctest.OnLoop(t, func(ctx context.Context) {
			var c crowdedQueue
			c.q = asyncio.NewPriorityQueue(3, c.mood.less)
			random := rand.New(rand.NewPCG(seed, 1))
			for number := range 200 {
				for range 1 + random.IntN(3) {
					if random.IntN(2) == 0 {
						asyncio.Go(ctx, c.putIn(ranked{random.IntN(9), number}))
					} else {
						asyncio.Go(ctx, c.takeOut)
					}
				}
				c.mood.left = random.IntN(5)
				asynctest.Settle(ctx)
				if n := c.q.Len(); n > 0 && c.waitToGet > 0 || n < c.q.Cap() && c.waitToPut > 0 {
					t.Fatalf("seed %d: with %d items, %d wait to put and %d to get", seed, n, c.waitToPut, c.waitToGet)
				}
			}
			c.mood.left = 0
			c.q.Shutdown(false) // those who wait end
			asynctest.Settle(ctx)
			for c.q.Len() > 0 {
				_ = c.takeOut(ctx) //asyncio:ok swallowed-cancel nothing cancels it, and what Less panics with is no end
			}
			slices.SortFunc(c.put, byRankAndNumber)
			slices.SortFunc(c.got, byRankAndNumber)
			if !slices.Equal(c.put, c.got) {
				t.Errorf("seed %d: put %v, got %v", seed, c.put, c.got)
			}
		})
	}
}

func byRankAndNumber(a, b ranked) int {
	return cmp.Or(byRank(a, b), cmp.Compare(a.number, b.number))
}
