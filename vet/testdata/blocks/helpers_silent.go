package blocks

import (
	"context"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

// run is a helper as tests have them: what it is given runs in a task, but who calls it
// does not.
func run(t *testing.T, main func(ctx context.Context) error) {
	if err := asyncio.Run(t.Context(), main); err != nil {
		t.Error(err)
	}
}

func subtest(t *testing.T) {
	t.Run("a", func(t *testing.T) {
		time.Sleep(1)
		run(t, func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) })
	})
}

// refused shows that there is no loop.
func refused(t *testing.T) {
	if err := asyncio.Sleep(context.Background(), 1); err == nil {
		t.Error("it slept")
	}
	time.Sleep(1)
}

// table has a helper that its operations call, each in a task. It does not run in one itself.
func table(t *testing.T) {
	pause := func(ctx context.Context) error { return asyncio.Sleep(ctx, 1) }
	for _, operation := range []func(ctx context.Context) error{
		func(ctx context.Context) error { return pause(ctx) },
	} {
		time.Sleep(1)
		run(t, operation)
	}
}
