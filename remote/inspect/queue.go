package inspect

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go/jetstream"
)

// mostSubjects is how many jobs without a worker are looked at one by one: their subjects
// come in one answer, and more are not worth it.
const mostSubjects = 10_000

// queue reads what is queued.
func (r *reader) queue(ctx context.Context, s *State) error {
	stream, err := r.stream(ctx, r.names.Jobs())
	if err != nil || stream == nil {
		return err
	}
	known, served := map[string]bool{}, uint64(0)
	consumers := stream.ListConsumers(ctx)
	for c := range consumers.Info() {
		name, version, ok := protocol.FunctionOf(c.Name)
		if !ok {
			continue // someone else's
		}
		f := Function{Name: name, Version: version, Waiting: c.NumPending, Held: c.NumAckPending}
		if err := r.oldest(ctx, stream, c, &f); err != nil {
			return err
		}
		known[c.Name] = true
		served += f.Waiting + uint64(f.Held)
		s.Queue = append(s.Queue, f)
	}
	if err := consumers.Err(); err != nil {
		return err
	}
	info, err := stream.Info(ctx)
	if err != nil {
		return err
	}
	s.At, s.Jobs = info.TimeStamp, info.State.Msgs
	if info.State.Msgs > served { // or some have come meanwhile
		if err := r.unserved(ctx, stream, known, info.State.Msgs-served, s); err != nil {
			return err
		}
	}
	slices.SortFunc(s.Queue, func(a, b Function) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version))
	})
	return nil
}

// oldest finds out since when a function's first waiting job waits.
func (r *reader) oldest(ctx context.Context, stream jetstream.Stream, c *jetstream.ConsumerInfo, f *Function) error {
	if f.Waiting == 0 {
		return nil
	}
	m, err := stream.GetMsg(ctx, c.Delivered.Stream+1, jetstream.WithGetMsgSubject(r.names.JobsOf(f.Name, f.Version)))
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound): // a worker has got it meanwhile
		return nil
	case err != nil:
		return err
	}
	f.Oldest = m.Time
	return nil
}

// unserved counts the jobs of functions that have no consumer, because no worker has ever
// served them. Only their subjects tell which functions these are.
func (r *reader) unserved(ctx context.Context, stream jetstream.Stream, known map[string]bool, about uint64, s *State) error {
	if s.Jobs > mostSubjects {
		s.Queue = append(s.Queue, Function{Waiting: about})
		return nil
	}
	info, err := stream.Info(ctx, jetstream.WithSubjectFilter(string(r.names)+".job.>"))
	if err != nil {
		return err
	}
	waiting := map[string]uint64{}
	for subject, n := range info.State.Subjects {
		if j, ok := r.names.Parse(subject); ok && !known[protocol.Consumer(j.Function, j.Version)] {
			waiting[protocol.Consumer(j.Function, j.Version)] += n
		}
	}
	for consumer, n := range maps.All(waiting) {
		name, version, _ := protocol.FunctionOf(consumer)
		s.Queue = append(s.Queue, Function{Name: name, Version: version, Waiting: n})
	}
	return nil
}
