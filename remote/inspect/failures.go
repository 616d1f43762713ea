package inspect

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Failure is a job that has failed for good. It is kept with its input for a week, unless
// newer ones need the room.
type Failure struct {
	ID       string    `json:"id"`
	Client   string    `json:"client"`
	Function string    `json:"function"`
	Version  string    `json:"version"`
	Outcome  string    `json:"outcome"` // "error", or "died": its workers have died of it
	Error    string    `json:"error"`   // the first line of what the function, or the worker, has said
	Worker   string    `json:"worker"`
	Attempts int       `json:"attempts"`
	At       time.Time `json:"at"`
	RetryOf  string    `json:"retryOf,omitempty"` // the id of the job that it was to repeat
	Size     int       `json:"size"`              // of the input, in bytes
}

// failures reads the newest failures, without their inputs. Records are removed from
// anywhere in the stream, so it looks further back until it has seen enough.
func (r *reader) failures(ctx context.Context, s *State) error {
	stream, err := r.stream(ctx, r.names.Failures())
	if err != nil || stream == nil {
		return err
	}
	state := stream.CachedInfo().State
	s.Failed = state.Msgs
	for back := uint64(MostFailures); state.Msgs > 0; back *= 4 {
		from := state.FirstSeq
		if state.LastSeq-state.FirstSeq > back {
			from = state.LastSeq - back
		}
		found, err := r.failuresFrom(ctx, stream, from)
		if err != nil {
			return err
		}
		if len(found) >= MostFailures || from == state.FirstSeq {
			slices.Reverse(found)
			s.Failures = append(s.Failures, found[:min(len(found), MostFailures)]...)
			return nil
		}
	}
	return nil
}

// failuresFrom reads the failures from a place in the stream on.
func (r *reader) failuresFrom(ctx context.Context, stream jetstream.Stream, from uint64) (found []Failure, err error) {
	consumer, err := stream.OrderedConsumer(ctx, jetstream.OrderedConsumerConfig{
		DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: from, HeadersOnly: true, InactiveThreshold: 10 * time.Second,
	})
	if err != nil {
		return nil, err
	}
	for {
		batch, err := consumer.FetchNoWait(1000)
		if err != nil {
			return nil, err
		}
		got := 0
		for m := range batch.Messages() {
			got++
			if meta, err := m.Metadata(); err == nil {
				if f, ok := r.failure(m, meta); ok {
					found = append(found, f)
				}
			}
		}
		if err := batch.Error(); err != nil && !errors.Is(err, jetstream.ErrNoMessages) {
			return nil, err
		}
		if got == 0 {
			return found, nil
		}
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
	}
}

// failure reads the headers of a record.
func (r *reader) failure(m jetstream.Msg, meta *jetstream.MsgMetadata) (Failure, bool) {
	j, ok := r.names.Parse(m.Subject())
	if !ok {
		return Failure{}, false
	}
	h := m.Headers()
	attempts, _ := strconv.Atoi(h.Get(protocol.HeaderAttempt)) // 0: it does not say
	size, _ := strconv.Atoi(h.Get(nats.MsgSize))
	return Failure{
		ID: j.ID, Client: j.Client, Function: j.Function, Version: j.Version,
		Outcome: h.Get(protocol.HeaderOutcome), Error: h.Get(protocol.HeaderError), Worker: h.Get(protocol.HeaderWorker),
		Attempts: attempts, At: meta.Timestamp, RetryOf: h.Get(protocol.HeaderRetryOf), Size: size,
	}, true
}
