package remote

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	duplicates = 2 * time.Minute
	maxInput   = 1 << 20 // bytes
	// Without these bounds, what nobody deletes would grow for ever.
	maxCancels  = 100_000
	noteAge     = 24 * time.Hour
	maxFailures = 10_000
	failureAge  = 7 * 24 * time.Hour
	// Each worker reads the cancels and each client its results with a consumer of its own.
	// A stream that names no limit, or none, gets the server's, a thousand since 2.15.
	maxConsumers = 100_000
)

// streams are the streams of a setup, as the server has them.
type streams struct {
	jobs, results, cancels, notes, failures jetstream.Stream
}

// open returns the streams, and makes those that are not there. What is there stays as it
// is: whoever runs the server may have changed limits and replicas.
func (s setup) open(ctx context.Context, js jetstream.JetStream) (streams, error) {
	return s.openAfter(ctx, js, 0)
}

// openAfter is open, which waits once before it makes what is not there.
func (s setup) openAfter(ctx context.Context, js jetstream.JetStream, pause time.Duration) (all streams, err error) {
	limited := func(c jetstream.StreamConfig, perSubject int64) jetstream.StreamConfig {
		c.Retention, c.Discard, c.MaxMsgsPerSubject, c.AllowDirect = jetstream.LimitsPolicy, jetstream.DiscardOld, perSubject, true
		return c
	}
	for _, one := range []struct {
		into *jetstream.Stream
		jetstream.StreamConfig
	}{
		{&all.jobs, jetstream.StreamConfig{
			Name: s.names.jobs(), Subjects: []string{s.prefix + ".job.>"},
			Description: "jobs that are queued or run, one in each subject",
			Retention:   jetstream.WorkQueuePolicy, Discard: jetstream.DiscardNew, MaxMsgs: s.maxJobs,
			Duplicates: duplicates, MaxMsgSize: maxInput, AllowDirect: true,
		}},
		{&all.results, limited(jetstream.StreamConfig{
			Name: s.names.results(), Subjects: []string{s.prefix + ".result.>"},
			Description: "results, each set once, until their time is over",
			AllowMsgTTL: true, MaxMsgSize: maxInput,
		}, 1)},
		{&all.cancels, limited(jetstream.StreamConfig{
			Name: s.names.cancels(), Subjects: []string{s.prefix + ".cancel.>"},
			Description: "jobs that are to be canceled", MaxMsgs: maxCancels,
		}, 1)},
		{&all.notes, limited(jetstream.StreamConfig{
			Name: s.names.notes(), Subjects: []string{s.prefix + ".note.>"},
			Description: "how often workers have given jobs back", MaxAge: noteAge,
		}, 1)},
		{&all.failures, limited(jetstream.StreamConfig{
			Name: s.names.failures(), Subjects: []string{s.prefix + ".failure.>"},
			Description: "jobs that have failed, with their inputs", MaxMsgs: maxFailures, MaxAge: failureAge,
			MaxMsgSize: maxInput + 64<<10,
		}, 1)},
	} {
		c := one.StreamConfig
		c.Storage, c.Replicas, c.MaxConsumers = jetstream.FileStorage, s.replicas, maxConsumers
		if *one.into, err = openStream(ctx, js, c, &pause); err != nil {
			return all, fmt.Errorf("remote: stream %s: %w", c.Name, explained(err))
		}
		askLeader(*one.into)
		if err := mustBeOurs((*one.into).CachedInfo().Config, c); err != nil {
			return all, fmt.Errorf("remote: stream %s: %w", c.Name, err)
		}
	}
	return all, nil
}

// beforeMakingAgain is how long a stream has to be gone before it is made again. A server
// that is still deleting it takes a new one of the same name, and then deletes the files of
// that: it describes the stream, and stores nothing in it any more (seen with 2.15.3).
const beforeMakingAgain = time.Second

// reopen is open for streams that were there before. It blocks for a while if one is gone.
func (s setup) reopen(ctx context.Context, js jetstream.JetStream) (streams, error) {
	return s.openAfter(ctx, js, beforeMakingAgain)
}

// openStream uses the pause up, if the stream is gone.
func openStream(ctx context.Context, js jetstream.JetStream, c jetstream.StreamConfig, pause *time.Duration) (jetstream.Stream, error) {
	stream, err := js.Stream(ctx, c.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) && *pause > 0 {
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(*pause):
		}
		*pause = 0
		stream, err = js.Stream(ctx, c.Name) // someone else may have made it
	}
	if !errors.Is(err, jetstream.ErrStreamNotFound) {
		return stream, err
	}
	_, err = js.CreateStream(ctx, c)
	if err != nil && !errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // someone else was faster, with other limits
		return nil, err
	}
	return js.Stream(ctx, c.Name) // what the server really has
}

// mustBeOurs returns an error for a stream that someone has made otherwise, in what a job
// depends on: with it, jobs would never leave the queue, or results never come.
func mustBeOurs(have, want jetstream.StreamConfig) error {
	var differs string
	switch {
	case have.Retention != want.Retention:
		differs = fmt.Sprintf("its retention is %v, and not %v", have.Retention, want.Retention)
	case !slices.Contains(have.Subjects, want.Subjects[0]):
		differs = fmt.Sprintf("its subjects are %q, without %q", have.Subjects, want.Subjects[0])
	case want.AllowMsgTTL && !have.AllowMsgTTL:
		differs = "it allows no TTL for a message"
	case want.MaxMsgsPerSubject > 0 && have.MaxMsgsPerSubject != want.MaxMsgsPerSubject:
		differs = fmt.Sprintf("it keeps %d messages of a subject, and not %d", have.MaxMsgsPerSubject, want.MaxMsgsPerSubject)
	default:
		return nil
	}
	return fmt.Errorf("it was made by something else: %s: choose another Prefix, or delete it", differs)
}

// explained says what to do about an error of JetStream, where that is known.
func explained(err error) error {
	switch {
	case errors.Is(err, nats.ErrNoResponders), errors.Is(err, jetstream.ErrJetStreamNotEnabled), errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
		return fmt.Errorf("%w: the server runs without JetStream, or this account must not use it: start it with nats-server -js -sd DIRECTORY", err)
	default:
		return err
	}
}

// askLeader makes questions about single messages go to the leader of a stream that has
// replicas: others may not have yet what is stored, and from "not there" follows that a job
// is lost, or that a worker has died. It has to be called before a stream is used by several
// goroutines.
func askLeader(s jetstream.Stream) {
	if info := s.CachedInfo(); info.Config.Replicas > 1 {
		info.Config.AllowDirect = false // this is what the library looks at, and not what the server has
	}
}

// lastOf returns the message of a subject; nil: it has none.
func lastOf(ctx context.Context, s jetstream.Stream, subject string) (*jetstream.RawStreamMsg, error) {
	m, err := s.GetLastMsgForSubject(ctx, subject)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil, nil
	}
	return m, err
}
