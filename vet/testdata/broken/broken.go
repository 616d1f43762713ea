// Package broken has programs at which the rules once broke: nothing in it is a mistake.
package broken

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

func two() (error, error) { return nil, asyncio.ErrCanceled }

func pair() (context.Context, time.Duration) { return context.Background(), 1 }

// spread calls functions with the results of others.
func spread(ctx context.Context, ok *bool) error {
	if errors.Is(two()) {
		return asyncio.Yield(ctx)
	}
	for !*ok {
		if err := asyncio.Sleep(pair()); err != nil {
			return err
		}
	}
	return nil
}

type node struct{ mu sync.Mutex }

func (n *node) and(other *node) *node { return n }

// chain makes a name that doubles with each line.
func chain(ctx context.Context, n *node) error {
	a := n.and(n)
	b := a.and(a)
	c := b.and(b)
	d := c.and(c)
	e := d.and(d)
	f := e.and(e)
	g := f.and(f)
	h := g.and(g)
	i := h.and(h)
	j := i.and(i)
	k := j.and(j)
	l := k.and(k)
	m := l.and(l)
	o := m.and(m)
	p := o.and(o)
	q := p.and(p)
	r := q.and(q)
	s := r.and(r)
	t := s.and(s)
	u := t.and(t)
	v := u.and(u)
	w := v.and(v)
	x := w.and(w)
	y := x.and(x)
	z := y.and(y)
	z.mu.Lock()
	z.mu.Unlock()
	return asyncio.Yield(ctx)
}

// unlocks releases by a method value.
func unlocks(ctx context.Context, n *node) error {
	n.mu.Lock()
	unlock := n.mu.Unlock
	unlock()
	return asyncio.Yield(ctx)
}

var lock asyncio.Lock

var packageContext = context.Background()

func acquires(ctx context.Context) error {
	acquire, release := lock.Acquire, lock.Release
	if err := acquire(packageContext); err != nil {
		return err
	}
	defer release()
	return asyncio.Yield(ctx)
}

// worklist ends when its list is empty.
func worklist(ctx context.Context, q *asyncio.Queue[int], list []int) (bad int) {
	for len(list) > 0 {
		list = list[:len(list)-1]
		if _, err := q.Get(ctx); err != nil {
			bad++
			continue
		}
	}
	return bad
}

type retry struct{ left int }

func (r *retry) run(ctx context.Context, q *asyncio.Queue[int]) {
	for r.left > 0 {
		if _, err := q.Get(ctx); err != nil {
			r.left--
			continue
		}
	}
}

func countsInALiteral(ctx context.Context, q *asyncio.Queue[int]) {
	fails := 0
	count := func() { fails++ }
	for fails < 3 {
		if _, err := q.Get(ctx); err != nil {
			count()
			continue
		}
	}
}
