package interference

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
)

// A choice is a case of a Select, and what follows if it is chosen.
type choice struct {
	asyncio.Case
	then func(ctx context.Context) error
}

// selects selects of a few cases of all kinds. What it offers to put or to send is taken back
// in the ledger, unless that case is chosen.
func selects(h *house, ctx context.Context, depth int) error {
	item, put := 0, h.p.ledger.offer()
	ok := true
	var choices []choice
	for range h.rng.IntN(5) {
		choices = append(choices, h.choice(depth, put, &item, &ok))
	}
	if h.chance(3) {
		choices = append(choices, choice{asyncio.After(h.moment()), nil})
	}
	if h.chance(3) {
		choices = append(choices, choice{asyncio.Ready(), nil})
	}
	cases := make([]asyncio.Case, len(choices))
	for i, c := range choices {
		cases[i] = c.Case
	}
	isPut := false
	defer func() { // also where what it does after the Select panics
		if !isPut {
			h.p.ledger.accepted(h.p.t, put, errNotChosen)
		}
	}()
	return h.briefly(ctx, func(ctx context.Context) error {
		chosen, err := asyncio.Select(ctx, cases...)
		if err != nil {
			return err
		}
		if then := choices[chosen].then; then != nil {
			return then(context.WithValue(ctx, putKey{}, &isPut))
		}
		return nil
	})
}

// putKey is the key of where it is noted that the item was put.
type putKey struct{}

// errNotChosen stands in the ledger for the error of a Put that has not happened.
var errNotChosen = asyncio.ErrCanceled

// runs reports whether a task is the one that runs, which cannot wait for itself.
func runs(t *asyncio.Task[int]) bool { return t.Info().State == asyncio.TaskRunning }

// choice returns a case of chance.
func (h *house) choice(depth, put int, item *int, ok *bool) choice {
	isPut := func(ctx context.Context) error {
		*ctx.Value(putKey{}).(*bool) = true
		h.p.ledger.accepted(h.p.t, put, nil)
		return nil
	}
	holds := func(release func()) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			defer release()
			return h.act(ctx, depth+1)
		}
	}
	switch q := h.store(); h.rng.IntN(9) {
	case 0, 1:
		return choice{q.OnGet(item), func(context.Context) error {
			h.p.ledger.taken(h.p.t, *item)
			q.TaskDone()
			return nil
		}}
	case 2:
		return choice{q.OnPut(put), isPut}
	case 3:
		l := &h.locks[h.rng.IntN(len(h.locks))]
		return choice{l.OnAcquire(), holds(l.Release)}
	case 4:
		return choice{h.sem.OnAcquire(), holds(h.sem.Release)}
	case 5:
		return choice{h.bounded.OnAcquire(), holds(h.bounded.Release)}
	case 6:
		return choice{asyncio.OnReceive(h.p.channel(h.rng), item, ok), func(context.Context) error {
			if *ok {
				h.p.ledger.taken(h.p.t, *item)
			}
			return nil
		}}
	case 7:
		return choice{asyncio.OnSend(h.p.channel(h.rng), put), isPut}
	default:
		if t := h.task(); t != nil && !runs(t) {
			return choice{t.OnDone(), nil}
		}
		return choice{h.event.OnSet(), func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Microsecond) }}
	}
}
