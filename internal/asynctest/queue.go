package asynctest

import (
	"context"
	"iter"
)

// A Queue is what the three kinds of queues have in common.
type Queue interface {
	Put(ctx context.Context, item int) error
	TryPut(item int) error
	Get(ctx context.Context) (int, error)
	TryGet() (int, error)
	TaskDone()
	Join(ctx context.Context) error
	Shutdown(immediate bool)
	Len() int
	Cap() int
	Empty() bool
	Full() bool
	All(ctx context.Context) iter.Seq2[int, error]
}
