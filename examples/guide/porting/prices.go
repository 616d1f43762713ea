// Package porting holds the code of docs/guide/porting.md: a program in Python, prices.py,
// and the same here.
package porting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/asyncio-go/asyncio"
)

// ANCHOR: prices
type shop struct {
	name    string
	seconds float64
	price   int
}

type missingError struct{ shop string }

func (e *missingError) Error() string { return e.shop + " does not have it" }

func ask(ctx context.Context, s shop) (int, error) { // stands for a request to a shop
	if err := asyncio.Sleep(ctx, time.Duration(s.seconds*float64(time.Second))); err != nil {
		return 0, err
	}
	if s.price == 0 {
		return 0, &missingError{s.name}
	}
	return s.price, nil
}

func worker(ctx context.Context, out io.Writer, shops *asyncio.Queue[shop], prices map[string]int) error {
	for s, err := range shops.All(ctx) {
		if err != nil {
			return err
		}
		err := asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
			price, err := ask(ctx, s)
			if err == nil {
				prices[s.name] = price
			}
			return err
		})
		if missing := (*missingError)(nil); errors.As(err, &missing) {
			fmt.Fprintf(out, "%s: %v\n", s.name, missing)
		} else if errors.Is(err, asyncio.ErrTimeout) {
			fmt.Fprintf(out, "%s: too slow\n", s.name)
		} else if err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, out io.Writer, all []shop) (map[string]int, error) {
	shops := asyncio.NewQueue[shop](2)
	prices := map[string]int{}
	err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for range 3 {
			tg.Go(func(ctx context.Context) error { return worker(ctx, out, shops, prices) })
		}
		for _, s := range all {
			if err := shops.Put(ctx, s); err != nil {
				return err
			}
		}
		shops.Shutdown(false)
		return nil
	})
	return prices, err
}

// ANCHOR_END: prices
