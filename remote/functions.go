package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go/jetstream"
)

// functions is what an executor knows of those that workers serve. For the loop only.
type functions struct {
	served map[string]bool // by consumer; only those that are
	asking map[string]*asyncio.Task[struct{}]
	nobody time.Time // until then, no question is asked, because there was no worker at all
}

// nobodyFor is for how long an executor does not ask whether the first worker has come.
const nobodyFor = time.Second

// mustBeServed returns ErrUnknownFunc if workers serve functions, and never this one.
func (x *Executor) mustBeServed(ctx context.Context, d *definition) error {
	name := d.title()
	if x.functions.served[name] || time.Now().Before(x.functions.nobody) {
		return nil
	}
	question := x.functions.asking[name]
	if question == nil {
		question = asyncio.CreateTask(x.base, func(ctx context.Context) (struct{}, error) {
			defer delete(x.functions.asking, name)
			return struct{}{}, x.askWhetherServed(ctx, d, name)
		}, asyncio.Name("who serves "+name))
		question.AddDoneCallback(func(*asyncio.Task[struct{}]) {}) // looks at an error that nobody waits for any more
		x.functions.asking[name] = question
	}
	_, err := asyncio.Shield[struct{}](ctx, question)
	return err
}

// comesFor is how long after another function the next one of a worker that begins may come.
const comesFor = 300 * time.Millisecond

// askWhetherServed asks until it knows. The functions of a worker that begins come one after
// another, so a function is unknown only if no other has come for a while.
func (x *Executor) askWhetherServed(ctx context.Context, d *definition, name string) error {
	var before []string
	for {
		all, err := x.served(ctx, name)
		switch {
		case err != nil: // the publication that follows meets the same trouble, and knows what to do
			return nil
		case slices.Contains(all, name):
			x.functions.served[name] = true
			return nil
		case len(all) == 0:
			x.functions.nobody = time.Now().Add(nobodyFor)
			return nil
		case slices.Equal(all, before):
			return unknownFunc(d, all)
		}
		before = all
		if err := asyncio.Sleep(ctx, comesFor); err != nil {
			return err
		}
	}
}

// served returns the name of a consumer if it is there, and of all otherwise, in order.
func (x *Executor) served(ctx context.Context, name string) ([]string, error) {
	return call(ctx, x, func(ctx context.Context) ([]string, error) {
		stream := x.network.streams.jobs
		if _, err := stream.Consumer(ctx, name); !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return []string{name}, err
		}
		names := stream.ConsumerNames(ctx)
		var all []string
		for one := range names.Name() { //asyncio:ok channel call runs this in a thread
			all = append(all, one)
		}
		slices.Sort(all)
		return all, names.Err()
	})
}

func unknownFunc(d *definition, served []string) error {
	var versions []string
	for _, one := range served {
		if fn, version, _ := strings.Cut(one, "="); fn == d.name {
			versions = append(versions, version)
		}
	}
	if len(versions) > 0 {
		return fmt.Errorf("%w: version %s of %s: no worker has served it, but versions %s of it",
			ErrUnknownFunc, d.version, d.name, strings.Join(versions, ", "))
	}
	return fmt.Errorf("%w: %s: no worker has served it, but %s", ErrUnknownFunc, d.name, strings.Join(served, ", "))
}
