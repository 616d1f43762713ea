package remote_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// A job ends some time after its deadline, also if there is no worker that could end it.
func TestAJobExpiresWithoutAWorker(t *testing.T) {
	t.Parallel()
	s := startServer(t, t.TempDir())
	nc := connect(t, s.URL())
	run(t, func(ctx context.Context) error {
		x := must[*remote.Executor](t)(remote.NewExecutor(ctx, nc))
		defer x.Close()
		var j *remote.Job[int]
		err := asyncio.WithTimeout(ctx, 5*time.Second, func(ctx context.Context) (err error) {
			j, err = shortLived.Submit(ctx, x, 1)
			return err
		})
		if err != nil {
			return err
		}
		if _, err := j.Await(ctx); !errors.Is(err, remote.ErrExpired) {
			t.Errorf("the job has come to %v, want ErrExpired", err)
		}
		return nil
	})
}
