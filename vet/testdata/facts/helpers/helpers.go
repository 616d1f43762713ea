// Package helpers has functions of which other packages want to know whether they suspend.
package helpers

import (
	"context"
	"iter"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Map is generic, and calls what it is given.
func Map[A, B any](all []A, f func(A) (B, error)) (out []B, err error) {
	for _, a := range all {
		b, err := f(a)
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

// Retry passes on what it is given.
func Retry(ctx context.Context, f func(ctx context.Context) error) error {
	return twice(func() error { return f(ctx) })
}

func twice(f func() error) error {
	if f() == nil {
		return nil
	}
	return f()
}

// Later calls what it is given on another goroutine.
func Later(f func()) { go f() }

// A Box is generic.
type Box[T any] struct{ queue asyncio.Queue[T] }

func (b *Box[T]) Take(ctx context.Context) (T, error) { return b.queue.Get(ctx) }

func (b *Box[T]) Put(v T) error { return b.queue.TryPut(v) }

func (b *Box[T]) All(ctx context.Context) iter.Seq2[T, error] { return b.queue.All(ctx) }

func Ticks(ctx context.Context) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := 0; asyncio.Sleep(ctx, time.Second) == nil && yield(i); i++ {
		}
	}
}

func Count(n int) iter.Seq[int] {
	return func(yield func(int) bool) {
		for i := range n {
			if !yield(i) {
				return
			}
		}
	}
}
