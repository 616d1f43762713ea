package lessons

import (
	"context"
	"fmt"
	"io"
	"sync"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// Play runs the lesson in real time, speed times as fast, and prints its output to out.
// Tasks and threads never write to out at the same time. Parameters that are not in
// values have their defaults. The options are for the lesson's loop. Play returns an
// error if a value is not allowed, and the error of the program.
func (l Lesson) Play(ctx context.Context, out io.Writer, speed float64, values map[string]string, opts ...asyncio.Option) error {
	if err := lesson.Check(l.Params, values); err != nil {
		return err
	}
	if speed <= 0 {
		return fmt.Errorf("lessons: a speed of %v: has to be more than 0, and 1 is as fast as it says", speed)
	}
	// The network is in memory: a browser has no other.
	env := &lesson.Env{Out: &oneAtATime{out: out}, Values: l.all(values), Pace: lesson.RealTime(speed)}
	if speed != 1 {
		env.Options = append(env.Options, virtual.Scaled(speed))
	}
	env.Options = append(append(env.Options, simnet.InMemory()), opts...)
	return l.Run(lesson.With(ctx, env))
}

// oneAtATime lets one goroutine write at a time.
type oneAtATime struct {
	mu  sync.Mutex
	out io.Writer
}

// Write makes a oneAtATime an io.Writer.
func (w *oneAtATime) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.out.Write(b)
}
