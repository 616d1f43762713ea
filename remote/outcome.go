package remote

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// receive gets each result of this client's, on a goroutine of the library's.
func (x *Executor) receive(m jetstream.Msg) {
	id := m.Subject()[strings.LastIndexByte(m.Subject(), '.')+1:]
	if j := x.find(id); j != nil { // otherwise nobody waits for it here
		j.deliver(m.Headers(), m.Data())
	}
}

// deliver ends a job with a result. Any goroutine may call it, and it does the decoding,
// which can take long.
func (j *jobState) deliver(h nats.Header, data []byte) {
	attempt, _ := strconv.Atoi(h.Get(headerAttempt)) // 0 if it was never begun
	value, err := j.read(h, data, attempt)
	j.x.mail.post(func() {
		j.attempts, j.worker = max(j.attempts, attempt), h.Get(headerWorker)
		j.settle(value, err)
	})
}

// read makes a value or an error of a result.
func (j *jobState) read(h nats.Header, data []byte, attempt int) (any, error) {
	if of := h.Get(headerFunc); of != "" && of != j.def.title() {
		name, version, _ := strings.Cut(of, "=")
		return nil, j.errorf(errIDOf(j.key.id, name, version))
	}
	switch o := outcome(h.Get(headerOutcome)); o {
	case outcomeOK:
		value, err := j.target.decode(data)
		if err != nil {
			return nil, j.errorf(err)
		}
		return value, nil
	case outcomeError:
		return nil, j.readError(h, data, attempt)
	case outcomeCanceled:
		return nil, asyncio.ErrCanceled
	case outcomeDied:
		return nil, j.errorf(withMessage(ErrWorkerDied, data))
	case outcomeExpired:
		return nil, j.errorf(withMessage(ErrExpired, data))
	default:
		return nil, j.errorf(fmt.Errorf("its result has the outcome %q, which this version does not know", o))
	}
}

func (j *jobState) readError(h nats.Header, data []byte, attempt int) error {
	var f failure
	if err := json.Unmarshal(data, &f); err != nil {
		return j.errorf(fmt.Errorf("it has failed, and its error cannot be read: %w", err))
	}
	// The RemoteError says which function it was.
	return fmt.Errorf("remote: job %s: %w", j.key.id, &RemoteError{
		Func: j.def.name, Worker: h.Get(headerWorker), Attempt: attempt,
		Type: f.Type, Message: f.Message, Stack: f.Stack, is: f.Is,
	})
}

// withMessage adds what the worker has said, if it has said something.
func withMessage(err error, data []byte) error {
	var f failure
	if json.Unmarshal(data, &f) != nil || f.Message == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.TrimPrefix(f.Message, err.Error()+": "))
}
