package remote_test

import (
	"context"
	"errors"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/trace"
	"github.com/nats-io/nats.go"
)

// Whoever records the loop sees the jobs of its tasks on the workers that run them.
func TestJobsHaveRows(t *testing.T) {
	r := trace.New()
	withWorker(t, func(ctx context.Context, nc *nats.Conn, x *remote.Executor) {
		detach := must[func()](t)(r.Attach(ctx))
		defer detach()
		good := must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 6))
		bad := must[*remote.Job[float64]](t)(quarter.Submit(ctx, x, 13))
		long := must[*remote.Job[int]](t)(waiting.Submit(ctx, x, 1))
		begun(ctx, t, long)
		if _, err := good.Await(ctx); err != nil {
			t.Error(err)
		}
		if _, err := bad.Await(ctx); !errors.Is(err, errUnlucky) {
			t.Error(err)
		}
		long.Cancel()
		if _, err := long.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
		ids := map[string]string{good.ID(): "quarter=1", bad.ID(): "quarter=1", long.ID(): "waiting=1"}
		rows, outcomes := map[string]string{}, map[string]int{}
		for e := range r.Recording().Events() {
			switch {
			case e.Kind == trace.Began && e.What == "remote":
				if e.Text != ids[e.ID] || rows[e.Row] != "" || e.Task != asyncio.CurrentTask(ctx).ID {
					t.Errorf("%v, and the rows are %v", e, rows)
				}
				delete(ids, e.ID)
				rows[e.Row] = e.ID
			case e.Kind == trace.Finished && e.What == "remote":
				delete(rows, e.Row)
				switch {
				case e.Text == "":
					outcomes["done"]++
				case e.Text == asyncio.ErrCanceled.Error():
					outcomes["canceled"]++
				default:
					outcomes["failed"]++
				}
			}
		}
		if len(ids) != 0 || len(rows) != 0 || outcomes["done"] != 1 || outcomes["canceled"] != 1 || outcomes["failed"] != 1 {
			t.Errorf("without a row are %v, busy are %v, and they have ended so: %v", ids, rows, outcomes)
		}
	})
}
