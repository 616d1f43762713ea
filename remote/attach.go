package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Attach returns the job with an id that an executor of the same name (see Client) has
// submitted, also in another process, or before a restart. A job that has ended has its
// result at once, for as long as that is kept (see Retain). Attach suspends the calling
// task while it asks the server, also until there is a connection again; if ctx is
// canceled, it returns an error that is ErrCanceled, and the job goes on. For a job that is
// neither queued, nor runs, nor has a result, it returns ErrUnknownJob. The input of the
// job, its function and its version have to be those of f. In Python: Future(key) of Dask.
func (f *Func[In, Out]) Attach(ctx context.Context, x *Executor, id string) (*Job[Out], error) {
	d := f.definition()
	if err := x.mustBeHere(ctx, "Attach"); err != nil {
		return nil, err
	}
	if err := checkName("the id of a job,", id); err != nil {
		return nil, err
	}
	h, known, err := known[In](ctx, x, f, id)
	if known || err != nil {
		return h, err
	}
	h = newJob(ctx, x, f, id)
	j := h.job
	j.register() // first, so that a result which comes meanwhile is not missed
	err = j.mustBeKnown(ctx)
	if err != nil && !j.settled {
		j.drop(ctx, true)
		if errors.Is(err, ErrExpired) {
			err = fmt.Errorf("%w: %s of %s, version %s, for the client %s: it is not queued, does not run, and has no result",
				ErrUnknownJob, id, d.name, d.version, x.config.client)
		}
		return nil, err
	}
	j.stored = true
	x.submitted.Add(1)
	j.markReady()
	return h, nil
}

// mustBeKnown returns nil if the job has a result, which it delivers, or is queued, or
// runs, and ErrExpired otherwise.
func (j *jobState) mustBeKnown(ctx context.Context) error {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, time.Second) {
		there, err := call(ctx, j.x, j.isThere)
		switch {
		case err == nil && !there:
			return j.errorf(ErrExpired)
		case err == nil, j.settled:
			return nil
		case j.x.closed() != nil:
			return j.errorf(j.x.closed())
		case !isPassing(err):
			return err // also that ctx is canceled
		}
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return err
		}
	}
}

var errNoResult = errors.New("remote: no result")

// look delivers the result of the job, if there is one. It suspends.
func (j *jobState) look(ctx context.Context) error {
	there, err := call(ctx, j.x, j.hasResult)
	if err == nil && !there {
		err = errNoResult
	}
	return err
}

// isThere reports whether the server knows the job. The second look for a result is for a
// job that has ended between the first and the look at the queue. It blocks, and is called
// outside of the loop.
func (j *jobState) isThere(ctx context.Context) (bool, error) {
	if there, err := j.hasResult(ctx); there || err != nil {
		return there, err
	}
	m, err := lastOf(ctx, j.x.network.streams.jobs, j.x.config.job(j.def.name, j.def.version, j.key))
	if m != nil || err != nil {
		return m != nil, err
	}
	return j.hasResult(ctx)
}

// hasResult delivers the result, if there is one. It blocks, and is called outside of the
// loop.
func (j *jobState) hasResult(ctx context.Context) (bool, error) {
	m, err := lastOf(ctx, j.x.network.streams.results, j.x.config.result(j.key))
	if m == nil || err != nil {
		return false, err
	}
	j.deliver(m.Header, m.Data)
	return true, nil
}
