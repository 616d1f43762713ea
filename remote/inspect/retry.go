package inspect

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/internal/protocol"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Retried job is a failed one that is queued again, under a new id.
type Retried struct {
	ID       string `json:"id"` // of the job that has failed
	NewID    string `json:"newId"`
	Client   string `json:"client"`
	Function string `json:"function"`
	Version  string `json:"version"`
}

// Retry queues failed jobs again, and removes their records once the server has confirmed
// the new ones. It returns those that are queued, also with an error.
//
// A result is set once, so a job gets a new id: that of the failed one and "-retry-1", or
// the next number that is free; a client of the same name can attach to it. Its input is
// the same. A deadline that the failed job had does not hold for it. If Retry is broken
// off between the two steps, the record is still there, and another Retry of it finds the
// new job as long as that is queued or runs; after that, it queues another one.
//
// While the queue has no room, it returns an error that is remote.ErrFull.
func Retry(ctx context.Context, nc *nats.Conn, prefix string, which Which) (done []Retried, err error) {
	r, err := newReader(nc, prefix)
	if err != nil {
		return nil, err
	}
	err = r.each(ctx, which, func(records jetstream.Stream, m *jetstream.RawStreamMsg, j protocol.Job) error {
		id, err := r.again(ctx, m, j)
		if err != nil {
			return fmt.Errorf("job %s: %w", j.ID, err)
		}
		done = append(done, Retried{j.ID, id, j.Client, j.Function, j.Version})
		err = records.DeleteMsg(ctx, m.Sequence)
		if errors.Is(err, jetstream.ErrMsgNotFound) || errors.Is(err, jetstream.ErrMsgDeleteUnsuccessful) && gone(ctx, records, m.Sequence) {
			return nil // someone else has removed it
		}
		return err
	})
	if err != nil {
		return done, explained(err)
	}
	return done, nil
}

func gone(ctx context.Context, s jetstream.Stream, seq uint64) bool {
	_, err := s.GetMsg(ctx, seq)
	return errors.Is(err, jetstream.ErrMsgNotFound)
}

// each calls fn with each of the records that are there now.
func (r *reader) each(ctx context.Context, which Which, fn func(records jetstream.Stream, m *jetstream.RawStreamMsg, j protocol.Job) error) error {
	filter, err := which.filter(r.names)
	if err != nil {
		return err
	}
	records, err := r.stream(ctx, r.names.Failures())
	if err != nil || records == nil {
		return err
	}
	last := records.CachedInfo().State.LastSeq // a retried job that fails again meanwhile is not retried again
	for seq := uint64(1); ; {
		m, err := records.GetMsg(ctx, seq, jetstream.WithGetMsgSubject(filter))
		if errors.Is(err, jetstream.ErrMsgNotFound) || err == nil && m.Sequence > last {
			return nil
		}
		if err != nil {
			return err
		}
		seq = max(seq, m.Sequence) + 1 // the server says it in a header, which a record may have as well
		if j, ok := r.names.Parse(m.Subject); ok {
			if err := fn(records, m, j); err != nil {
				return err
			}
		}
	}
}

// again queues a job under the next id that is free, and returns that.
func (r *reader) again(ctx context.Context, record *jetstream.RawStreamMsg, j protocol.Job) (id string, err error) {
	results, err := r.js.Stream(ctx, r.names.Results())
	if err != nil {
		return "", err
	}
	for id := j.ID; ; {
		id = nextID(id)
		if _, err := results.GetLastMsgForSubject(ctx, r.names.Result(j.Client, id)); err == nil {
			continue // that one has ended
		} else if !errors.Is(err, jetstream.ErrMsgNotFound) {
			return "", err
		}
		ack, err := r.js.PublishMsg(ctx, r.job(record, j, id))
		switch {
		case isTaken(err):
			if same, err := r.isRetry(ctx, j, id); same || err != nil {
				return id, err
			}
		case err == nil && ack.Duplicate: // there was one, a moment ago
		case isFull(err):
			return "", fmt.Errorf("%w: %w", remote.ErrFull, err)
		default:
			return id, err
		}
	}
}

// job is the message of the new job.
func (r *reader) job(record *jetstream.RawStreamMsg, j protocol.Job, id string) *nats.Msg {
	m := nats.NewMsg(r.names.Job(j.Function, j.Version, j.Client, id))
	m.Data = record.Data
	m.Header = nats.Header(maps.Clone(record.Header))
	for name := range m.Header {
		if strings.HasPrefix(name, "Nats-") {
			m.Header.Del(name)
		}
	}
	// What was written about the failure, and a deadline that is over.
	for _, name := range []string{protocol.HeaderOutcome, protocol.HeaderWorker, protocol.HeaderAttempt, protocol.HeaderError, protocol.HeaderTimeLeft} {
		m.Header.Del(name)
	}
	m.Header.Set(protocol.HeaderRetryOf, j.ID)
	m.Header.Set(nats.ExpectedLastSubjSeqHdr, protocol.NotThere)
	m.Header.Set(nats.MsgIdHdr, j.Client+"."+id)
	return m
}

// isRetry reports whether a job that is queued repeats the failed one: another Retry was
// broken off, or is at work.
func (r *reader) isRetry(ctx context.Context, j protocol.Job, id string) (bool, error) {
	jobs, err := r.js.Stream(ctx, r.names.Jobs())
	if err != nil {
		return false, err
	}
	m, err := jobs.GetLastMsgForSubject(ctx, r.names.Job(j.Function, j.Version, j.Client, id))
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return false, nil
	}
	return err == nil && m.Header.Get(protocol.HeaderRetryOf) == j.ID, err
}

// retried is the end of the id of a job that was retried.
var retried = regexp.MustCompile(`^(.*)-retry-([0-9]{1,9})$`)

// nextID returns the id under which a job is tried next. A long one loses its end, because
// names have a largest length; if it is that of another job then, a later number is free.
func nextID(id string) string {
	n := 0
	if parts := retried.FindStringSubmatch(id); parts != nil {
		id = parts[1]
		n, _ = strconv.Atoi(parts[2]) // it is a small number
	}
	end := "-retry-" + strconv.Itoa(n+1)
	return id[:min(len(id), protocol.MaxName-len(end))] + end
}

func isTaken(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) &&
		(api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

// codeFull is the code of the error that a stream has as many messages as it may have.
const codeFull jetstream.ErrorCode = 10077

func isFull(err error) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == codeFull
}
