package console

import (
	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
	"github.com/asyncio-go/asyncio/internal/wire"
)

func (s *loopSource) stuck(step engine.Step) *wire.Stuck {
	stack := coro.Find(coro.AllStacks(), step.Goroutine)
	if s.loop.Look() != step {
		return nil // the loop went on meanwhile, so the stack is of another step
	}
	g := stacks.Parse(stack)
	id, _, name, _ := step.Task()
	return &wire.Stuck{
		Task: id, Name: name, State: g.State, Stack: framesOfText(stack), Advice: g.Advice(),
	}
}
