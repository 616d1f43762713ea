package inspect

import (
	"context"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Purge removes the records of failed jobs, with their inputs, and returns how many it has
// removed. Their results are not touched. A job that fails meanwhile is not removed.
func Purge(ctx context.Context, nc *nats.Conn, prefix string, which Which) (int, error) {
	r, err := newReader(nc, prefix)
	if err != nil {
		return 0, err
	}
	filter, err := which.filter(r.names)
	if err != nil {
		return 0, err
	}
	records, err := r.stream(ctx, r.names.Failures())
	if err != nil {
		return 0, explained(err)
	}
	if records == nil {
		return 0, nil
	}
	info, err := records.Info(ctx, jetstream.WithSubjectFilter(filter))
	if err != nil {
		return 0, explained(err)
	}
	n := len(info.State.Subjects)
	if n == 0 {
		return 0, nil
	}
	if err := records.Purge(ctx, jetstream.WithPurgeSubject(filter), jetstream.WithPurgeSequence(info.State.LastSeq+1)); err != nil {
		return 0, explained(err)
	}
	return n, nil
}
