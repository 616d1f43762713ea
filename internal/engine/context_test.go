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
}
