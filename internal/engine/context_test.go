package engine

import (
	"context"
	"testing"
)

func TestCancelKey(t *testing.T) {
	t.Run("is the one under which package context asks for its own context", func(t *testing.T) {
		if cancelKey == nil {
			t.Fatal("package context does not ask any more")
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		if ctx.Value(cancelKey) != ctx {
			t.Error("a cancel context does not answer with itself")
		}
	})
	t.Run("tells why a scope was canceled", func(t *testing.T) {
		if _, none := cancelKey.(*byte); none {
			t.Error("package context does not ask a context for its own one any more: no cause is told, and contexts on a scope take a goroutine each")
		}
	})
	t.Run("is none if package context asks in another way", func(t *testing.T) {
		for name, cause := range map[string]func(ctx context.Context) error{
			"not at all":  context.Context.Err,
			"another key": func(ctx context.Context) error { _ = ctx.Value("another"); return ctx.Err() },
		} {
			if _, none := findCancelKey(cause).(*byte); !none {
				t.Errorf("%s: there is a key", name)
			}
		}
	})
}
