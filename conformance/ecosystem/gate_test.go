package ecosystem

import (
	"context"
	"sync"

	"github.com/asyncio-go/asyncio"
)

// holdMe is the text that servers do not answer before the gate is open.
const holdMe = "hold"

// A Gate holds calls back at the server, so that the test knows that they are in
// mid-call. Any goroutine may call its methods.
type Gate struct {
	Arrived chan struct{} // a call has come to the gate
	open    chan struct{}
	once    sync.Once
}

func newGate() *Gate {
	return &Gate{Arrived: make(chan struct{}, 100), open: make(chan struct{})}
}

// Open lets all through that are held, and those that will come.
func (g *Gate) Open() { g.once.Do(func() { close(g.open) }) }

// Answer is what a server does that runs on goroutines: it returns the text, if that is
// holdMe after it was held. The context is that of the request; Background where there
// is none.
func (g *Gate) Answer(ctx context.Context, text string) (string, error) {
	if text == holdMe {
		g.Arrived <- struct{}{}
		select {
		case <-g.open:
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
	return text, nil
}

// AnswerOnLoop is Answer for a server that runs in a task: it suspends the task.
func (g *Gate) AnswerOnLoop(ctx context.Context, text string) (string, error) {
	if text == holdMe {
		g.Arrived <- struct{}{} //asyncio:ok channel it has room for all calls of a test
		if _, _, err := asyncio.Receive(ctx, g.open); err != nil {
			return "", err
		}
	}
	return text, nil
}
