package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	// resultsOnTheirWay is how many results of a worker may be unconfirmed. After that,
	// functions that have returned keep their slots.
	resultsOnTheirWay = 256
	// headerRoom is kept free in messages for their headers.
	headerRoom = 4 << 10
	// Bounds of what an error may say, so that a failure can be sent.
	maxMessage, maxStack, maxErrorHeader = 64 << 10, 32 << 10, 1 << 10
)

// A result is how a job ends.
type result struct {
	outcome outcome
	body    []byte // of outcomeOK
	err     error  // of the others
	typ     string
	stack   string
	is      []string
	took    time.Duration
}

// decide says what comes of an attempt.
func (d *delivery) decide(r returned) ending {
	took := time.Since(d.began)
	failed := result{outcome: outcomeError, err: r.err, typ: r.typ, stack: r.stack, took: took}
	why := context.Cause(d.stopped)
	switch {
	case !d.lease.held():
		return func() {}
	case r.err == nil && len(r.body) > d.worker.maxSize-headerRoom:
		failed.err = fmt.Errorf("%w: the output has %d bytes, and the server takes %d", ErrTooLarge, len(r.body), d.worker.maxSize-headerRoom)
		return d.endsWith(failed)
	case r.err == nil:
		return d.endsWith(result{outcome: outcomeOK, body: r.body, took: took})
	case errors.Is(why, errWorkerEnds):
		return d.leavesWith(note{Returned: 1}, 0)
	case errors.Is(why, asyncio.ErrCanceled) && meansCanceled(r.err):
		return d.endsWith(result{outcome: outcomeCanceled, took: took})
	}
	if errors.Is(r.cause, asyncio.ErrTimeout) && (meansCanceled(r.err) || errors.Is(r.err, context.DeadlineExceeded)) {
		failed.is = append(failed.is, "asyncio.timeout")
	}
	delay := d.backoff()
	if why == nil && d.note.Failed < d.fn.retries && d.worthRetrying(r.err, delay) {
		return d.leavesWith(note{Returned: 1, Failed: 1}, delay)
	}
	return d.endsWith(failed)
}

func meansCanceled(err error) bool {
	return errors.Is(err, asyncio.ErrCanceled) || errors.Is(err, context.Canceled)
}

// worthRetrying reports whether another attempt could end otherwise.
func (d *delivery) worthRetrying(err error, delay time.Duration) bool {
	var never *noRetry
	return !errors.As(err, &never) && !errors.Is(err, errGoexit) && (d.deadline.IsZero() || time.Now().Add(delay).Before(d.deadline))
}

// backoff doubles with each error. The jitter keeps jobs apart that have failed together.
func (d *delivery) backoff() time.Duration {
	wait := d.fn.backoffMin
	for range d.note.Failed {
		if wait >= d.fn.backoffMax/2 {
			wait = d.fn.backoffMax
			break
		}
		wait *= 2
	}
	return wait/2 + rand.N(wait/2+1)
}

// endsWith ends a job for good: the failure is kept first, then the result, and then the
// job is acknowledged, each only while the lease is held.
func (d *delivery) endsWith(r result) ending {
	return func() {
		if r.outcome == outcomeError || r.outcome == outcomeDied {
			if !d.insist(func(ctx context.Context) error { return d.keepFailure(ctx, r) }) {
				d.leaveRefused()
				return
			}
		}
		m := d.resultMsg(r)
		if !d.insist(func(ctx context.Context) error { return d.publishOnce(ctx, m) }) {
			d.leaveRefused()
			return
		}
		d.acknowledge()
	}
}

// acknowledge removes the job from the queue.
func (d *delivery) acknowledge() {
	if err := d.lease.send([]byte("+ACK")); err != nil {
		return // another delivery finds the result
	}
	w := d.worker
	w.mu.Lock()
	w.done++
	w.mu.Unlock()
}

// insist does something with the server again and again until it works. It gives up when
// the lease is over, and then there is nothing more to say, and when the server refuses it
// for good: then the worker ends with what the server has said.
func (d *delivery) insist(do func(ctx context.Context) error) bool {
	for wait := 50 * time.Millisecond; d.lease.held(); wait = min(2*wait, time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), answerTime)
		err := do(ctx)
		cancel()
		if err == nil {
			return d.lease.held()
		}
		if d.worker.nc.IsClosed() { // by its owner, before Serve has returned: it never comes back
			return false
		}
		if forbidden(err, d.worker.nc) {
			d.worker.fail(fmt.Errorf("remote: a permission is missing: %w", errors.Join(err, d.worker.nc.LastError())))
			return false
		}
		if refused(err) {
			d.refused = true
			d.worker.fail(fmt.Errorf("remote: the server refuses what a worker has to store, and would again: %w", err))
			return false
		}
		time.Sleep(wait)
	}
	return false
}

// forbidden reports whether there was no answer because the account must not ask.
func forbidden(err error, nc *nats.Conn) bool {
	timeout := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout)
	return timeout && nc.IsConnected() && errors.Is(nc.LastError(), nats.ErrPermissionViolation)
}

// refused reports whether the server has said no, and will say it again until somebody
// changes its settings. All other errors pass: it has no leader, restarts, or is busy.
func refused(err error) bool {
	var api *jetstream.APIError
	switch {
	case errors.Is(err, nats.ErrMaxPayload): // there is another server now, which takes less
		return true
	case !errors.As(err, &api), wasThere(err), api.Code == http.StatusRequestTimeout, api.Code == http.StatusTooManyRequests:
		return false
	case api.ErrorCode == codeFull: // the server says 503, also for disks that fail
		return strings.HasPrefix(api.Description, "maximum ")
	}
	return api.Code >= 400 && api.Code < 500
}

// publishOnce stores a result if there is none. It works in both cases: then there is one.
func (d *delivery) publishOnce(ctx context.Context, m *nats.Msg) error {
	if !d.lease.held() {
		return ErrLeaseLost
	}
	_, err := d.worker.js.PublishMsg(ctx, m)
	if wasThere(err) {
		d.forgetFailure(ctx)
		return nil
	}
	return err
}

// forgetFailure deletes what keepFailure has kept, if the job has not failed after all:
// somebody else's result was first. It is tried once: a failure too many is better than one
// that nobody finds.
func (d *delivery) forgetFailure(ctx context.Context) {
	if d.failureAt == 0 {
		return
	}
	m, err := lastOf(ctx, d.worker.streams.results, d.worker.cfg.result(d.key))
	if m == nil || err != nil {
		return
	}
	switch outcome(m.Header.Get(headerOutcome)) {
	case outcomeError, outcomeDied: // perhaps our own, whose confirmation has not come
	default:
		_ = d.worker.streams.failures.DeleteMsg(ctx, d.failureAt) // see above
	}
}

// wasThere reports whether a message was refused because its subject has one.
func wasThere(err error) bool {
	return isCode(err, jetstream.JSErrCodeStreamWrongLastSequence) || isCode(err, jetstream.JSErrCodeStreamWrongLastSequenceConstant)
}

func (d *delivery) hasResult(ctx context.Context) (bool, error) {
	m, err := lastOf(ctx, d.worker.streams.results, d.worker.cfg.result(d.key))
	return m != nil, err
}

// resultMsg is the message with a result.
func (d *delivery) resultMsg(r result) *nats.Msg {
	m := nats.NewMsg(d.worker.cfg.result(d.key))
	m.Header.Set(headerExpected, notThere)
	m.Header.Set(headerTTL, d.fn.retain.String())
	m.Header.Set(headerOutcome, string(r.outcome))
	m.Header.Set(headerFunc, d.fn.title())
	m.Header.Set(headerWorker, d.worker.cfg.worker)
	m.Header.Set(headerAttempt, strconv.Itoa(d.attempt))
	m.Header.Set(headerTook, r.took.String())
	m.Header.Set(headerEncoding, d.fn.encoding.Name())
	switch r.outcome {
	case outcomeOK:
		m.Data = r.body
	case outcomeError, outcomeDied:
		m.Data = r.failure(d.worker.maxSize - headerRoom)
	}
	return m
}

// failure is the body of a result with an error. What is said is cut until it fits: a server
// may take small messages only, and JSON can make six bytes of one.
func (r result) failure(room int) []byte {
	f := failure{Type: r.typ, Is: registeredIn(r.err)}
	if f.Type == "" {
		f.Type = fmt.Sprintf("%T", withoutWrapper(r.err))
	}
	for _, name := range r.is {
		if !slices.Contains(f.Is, name) {
			f.Is = append(f.Is, name)
		}
	}
	said := r.err.Error()
	for message, stack := maxMessage, maxStack; ; message, stack = message/2, stack/2 {
		f.Message, f.Stack = cut(said, message), cut(r.stack, stack)
		body, err := json.Marshal(f)
		if err != nil {
			panic(err) // it is made of strings
		}
		if len(body) <= room || message == 0 {
			return body
		}
	}
}

func withoutWrapper(err error) error {
	if never, ok := err.(*noRetry); ok {
		return never.error
	}
	return err
}

func cut(s string, most int) string {
	if len(s) > most {
		return s[:most] + "…"
	}
	return s
}

// keepFailure keeps a job that has failed, with its input, for whoever wants to know or to
// try again. What cannot be kept because it is too large must not keep the job from ending.
func (d *delivery) keepFailure(ctx context.Context, r result) error {
	m := nats.NewMsg(d.worker.cfg.failure(d.fn.name, d.fn.version, d.key))
	for name, values := range d.msg.Header {
		if !strings.HasPrefix(name, "Nats-") { // these meant the message that was the job
			m.Header[name] = values
		}
	}
	first, _, _ := strings.Cut(r.err.Error(), "\n")
	m.Header.Set(headerError, cut(first, maxErrorHeader))
	if r.outcome != outcomeDied { // whoever writes that down has not run it
		m.Header.Set(headerWorker, d.worker.cfg.worker)
	}
	m.Header.Set(headerAttempt, strconv.Itoa(d.attempt))
	m.Header.Set(headerOutcome, string(r.outcome))
	m.Data = d.msg.Data
	ack, err := d.worker.js.PublishMsg(ctx, m)
	var api *jetstream.APIError
	if errors.Is(err, nats.ErrMaxPayload) || errors.As(err, &api) && api.Code == 400 {
		return nil
	}
	if err == nil {
		d.failureAt = ack.Sequence
	}
	return err
}

// checkConsumer ends the worker if a consumer is gone for good.
func (w *worker) checkConsumer(s *served) {
	ctx, cancel := context.WithTimeout(context.Background(), answerTime)
	defer cancel()
	_, err := s.consumer.Info(ctx)
	if errors.Is(err, jetstream.ErrConsumerNotFound) || errors.Is(err, jetstream.ErrStreamNotFound) {
		w.fail(fmt.Errorf("remote: the consumer of the function %q, version %q, was deleted: %w", s.name, s.version, err))
	}
}
