package remote

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"go.opentelemetry.io/otel"
)

// message is a job as it travels.
func (x *Executor) message(ctx context.Context, d *definition, k jobKey, data []byte, deadline time.Time) *nats.Msg {
	m := nats.NewMsg(x.config.job(d.name, d.version, k))
	m.Data = data
	m.Header.Set(headerMsgID, k.String())
	m.Header.Set(headerExpected, notThere)
	m.Header.Set(headerEncoding, d.encoding.Name())
	setTimeLeft(ctx, m.Header, deadline)
	if x.core.Heard() {
		m.Header.Set(headerEvents, "1")
		x.listen()
	}
	otel.GetTextMapPropagator().Inject(ctx, headerCarrier(m.Header))
	return m
}

// setTimeLeft has to be called when the message is sent: it counts from then. The loop's
// clock, by which the deadline was set, may be a virtual one.
func setTimeLeft(ctx context.Context, h nats.Header, deadline time.Time) {
	if !deadline.IsZero() {
		h.Set(headerTimeLeft, max(deadline.Sub(asyncio.Now(ctx)), 0).String())
	}
}

// messageSize is what the server counts: the headers and the body.
func messageSize(m *nats.Msg) int64 {
	size := len("NATS/1.0\r\n\r\n") + len(m.Data)
	for key, values := range m.Header {
		for _, v := range values {
			size += len(key) + len(": \r\n") + len(v)
		}
	}
	return int64(size)
}

// The codes of errors of JetStream.
const (
	codeFull        jetstream.ErrorCode = 10077 // the stream has as many messages as it may have
	codeNoResources jetstream.ErrorCode = 10023
)

// An answer is what the server says to a publication.
type answer struct {
	duplicate bool // it has the message already
	err       error
}

// store makes the server store the job, or finds that it is known to it. It returns nil if
// the result of the job is there, or will come.
func (j *jobState) store(ctx context.Context, m *nats.Msg, deadline time.Time, own bool) error {
	looks := own // a job with an id of its own may be done already
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		if looks && j.look(ctx) == nil {
			return nil
		}
		a, err := j.x.send(ctx, m, deadline)
		switch {
		case err != nil:
			return err
		case j.settled:
			return nil // a result that has come answers more than the question
		case a.err == nil && a.duplicate:
			return j.mustBeKnown(ctx)
		case a.err == nil, wasThere(a.err):
			return nil
		case isCode(a.err, codeFull):
			return j.errorf(ErrFull)
		case !isPassing(a.err):
			if err := j.x.closed(); err != nil {
				return j.errorf(err)
			}
			return j.errorf(a.err)
		}
		if errors.Is(a.err, jetstream.ErrNoStreamResponse) || errors.Is(a.err, nats.ErrNoResponders) {
			j.x.lookAgain() // the stream may be gone
		}
		// It is not known whether it was stored. It may even be done: then, after a while,
		// the server would take it again.
		looks = true
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

// send publishes a job once, and suspends until there is an answer.
func (x *Executor) send(ctx context.Context, m *nats.Msg, deadline time.Time) (answer, error) {
	if err := x.unconfirmed.Acquire(ctx); err != nil {
		return answer{}, err
	}
	confirmed := asyncio.NewFuture[answer](ctx)
	// Publications are told apart by their address, and an earlier one may still be read.
	again := &nats.Msg{Subject: m.Subject, Header: maps.Clone(m.Header), Data: m.Data}
	setTimeLeft(ctx, again.Header, deadline)
	x.core.CountOutside(1)
	x.publish(again, func(duplicate bool, err error) {
		x.core.CountOutside(-1)
		x.unconfirmed.Release() // also if nobody waits any more
		if !confirmed.Done() {
			_ = confirmed.SetResult(answer{duplicate, err}) // it is not done
		}
	})
	return confirmed.Await(ctx)
}

func isCode(err error, code jetstream.ErrorCode) bool {
	var api *jetstream.APIError
	return errors.As(err, &api) && api.ErrorCode == code
}

// isPassing reports whether an error says nothing about the message: the connection broke,
// the server is starting, or it had no time.
func isPassing(err error) bool {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return api.Code == 503 && api.ErrorCode != codeNoResources
	}
	for _, passing := range []error{
		nats.ErrDisconnected, nats.ErrReconnectBufExceeded, nats.ErrConnectionReconnecting, nats.ErrTimeout,
		nats.ErrNoResponders, nats.ErrStaleConnection, jetstream.ErrAsyncPublishTimeout, jetstream.ErrNoStreamResponse,
		context.DeadlineExceeded,
	} {
		if errors.Is(err, passing) {
			return true
		}
	}
	return false
}
