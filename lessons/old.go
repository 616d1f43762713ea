package lessons

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// old makes a lesson of a program that takes its world as a parameter. It goes when the
// last of these has gone.
func old(run func(context.Context, *lesson.Env) error) func(context.Context) error {
	return func(ctx context.Context) error {
		env := *lesson.Of(ctx)
		if env.Second == 0 {
			env.Second = time.Second
		}
		return run(ctx, &env)
	}
}
