package remote_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote"
)

// partitioned is for how long a network is partitioned: longer than a lease.
const partitioned = 2500 * time.Millisecond

func TestProcessPartition(t *testing.T) {
	t.Parallel()
	for how, close := range partitions {
		t.Run("worker "+how, func(t *testing.T) {
			t.Parallel()
			l := newLand(t)
			l.lease = shortLease
			s := newStrait(t, l.url)
			l.worker(func(w *aWorker) { w.URL = s.url() })
			all := submitted{t: t}
			inLoop(t, l.url, func(ctx context.Context, x *remote.Executor) error {
				if err := all.closeAndHeal(ctx, x, s, close, func() { l.worker() }); err != nil {
					return err
				}
				for n := len(all.jobs); ; n++ { // the worker that was cut off works again
					j, err := work.Submit(ctx, x, task{N: n})
					if err != nil {
						return err
					}
					all.add(j, n)
					got, err := j.Await(ctx)
					if err != nil || got.Worker == "w1" {
						return err
					}
				}
			})
			l.settled(len(all.jobs))
		})
		t.Run("client "+how, func(t *testing.T) {
			t.Parallel()
			l := newLand(t)
			s := newStrait(t, l.url)
			l.worker()
			all := submitted{t: t}
			inLoop(t, s.url(), func(ctx context.Context, x *remote.Executor) error {
				return all.closeAndHeal(ctx, x, s, close, func() {})
			})
			l.settled(len(all.jobs))
			l.ranOnce() // the workers know nothing of it
		})
	}
}

// closeAndHeal submits jobs before a partition begins and while it lasts, and returns when
// it is over and all have ended.
func (all *submitted) closeAndHeal(ctx context.Context, x *remote.Executor, s *strait, close func(*strait), meanwhile func()) error {
	const jobs = 100
	if err := all.submit(ctx, x, work, jobs, 10*time.Millisecond); err != nil {
		return err
	}
	if err := all.untilDone(ctx, 10); err != nil {
		return err
	}
	close(s)
	healed := make(chan struct{}, 1)
	defer time.AfterFunc(partitioned, func() { s.heal(); healed <- struct{}{} }).Stop()
	if err := off(ctx, meanwhile); err != nil {
		return err
	}
	for i := jobs; i < 2*jobs; i++ {
		j, err := work.Submit(ctx, x, task{N: i, Takes: 10 * time.Millisecond}, remote.ID(fmt.Sprint("j", i)))
		if err != nil {
			return err
		}
		all.add(j, i)
	}
	if err := off(ctx, func() { <-healed }); err != nil {
		return err
	}
	return all.check(ctx)
}
