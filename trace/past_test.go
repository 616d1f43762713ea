package trace

import (
	"context"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/simnet"
)

// What is kept of dropped events does not grow with the number of tasks that there were,
// not even if they were on hosts and had no names.
func TestPastForgetsTasksOfHosts(t *testing.T) {
	r := New(Size(30_000))
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		host, err := simnet.For(ctx).Add("host")
		if err != nil {
			return err
		}
		for range 1000 {
			ends := asyncio.Go(host.Context(ctx), asyncio.Yield)
			asyncio.Go(host.Context(ctx), asyncio.Yield).Cancel() // before it has begun
			if _, err := ends.Await(ctx); err != nil {
				return err
			}
		}
		return nil
	}, r.Observe(), simnet.InMemory())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range r.pasts {
		if p.dropped == 0 || len(p.hosts) != 1 {
			t.Errorf("%d events were dropped, with %d hosts", p.dropped, len(p.hosts))
		}
		if n := len(p.hosted); n > 2 {
			t.Errorf("%d tasks are kept", n)
		}
	}
	if len(r.pasts) != 1 {
		t.Errorf("there are %d pasts", len(r.pasts))
	}
}
