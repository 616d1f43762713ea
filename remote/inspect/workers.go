package inspect

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go"
)

const (
	// quiet is how long nobody has answered when all that will have answered.
	quiet = 300 * time.Millisecond
	// longest ends the answers in any case.
	longest = 5 * time.Second
)

// workers asks all workers what they do.
func (r *reader) workers(ctx context.Context, s *State) error {
	answers, err := r.nc.SubscribeSync(r.nc.NewRespInbox())
	if err != nil {
		return err
	}
	defer answers.Unsubscribe()
	if err := r.nc.PublishRequest(r.names.Workers(), answers.Subject, nil); err != nil {
		return err
	}
	for end := time.Now().Add(longest); time.Now().Before(end); {
		m, err := next(ctx, answers)
		switch {
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case errors.Is(err, context.DeadlineExceeded), errors.Is(err, nats.ErrNoResponders):
			r.count(s)
			return nil
		case err != nil:
			return err
		}
		var a remote.Announcement
		if json.Unmarshal(m.Data, &a) == nil { // anyone may answer
			s.Workers = append(s.Workers, a)
		}
	}
	r.count(s)
	return nil
}

func next(ctx context.Context, answers *nats.Subscription) (*nats.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, quiet)
	defer cancel()
	return answers.NextMsgWithContext(ctx)
}

// count makes the lists that the answers contain.
func (r *reader) count(s *State) {
	slices.SortFunc(s.Workers, func(a, b remote.Announcement) int {
		return cmp.Or(cmp.Compare(a.Worker, b.Worker), a.Since.Compare(b.Since))
	})
	serve := map[string]int{}
	for _, w := range s.Workers {
		for _, f := range w.Functions {
			serve[f]++
		}
		for _, job := range w.Running {
			s.Running = append(s.Running, Running{job, w.Worker})
		}
	}
	slices.SortStableFunc(s.Running, func(a, b Running) int { return cmp.Compare(b.For, a.For) })
	for i, f := range s.Queue {
		s.Queue[i].Workers = serve[protocol.Consumer(f.Name, f.Version)]
	}
}
