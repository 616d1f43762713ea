package engine

import (
	"testing"

	"github.com/asyncio-go/asyncio/internal/coro"
)

func TestALoopDoesNotRunOnARuntimeThatItDoesNotKnow(t *testing.T) {
	before := coro.Broken
	coro.Broken = func() string { return "asyncio: it has changed: do something" }
	defer func() {
		coro.Broken = before
		if got := recover(); got != "asyncio: it has changed: do something" {
			t.Errorf("the panic is %v", got)
		}
	}()
	_ = new(Loop).Run()
}
