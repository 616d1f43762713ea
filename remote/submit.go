package remote

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/option"
	"github.com/nats-io/nuid"
)

// A JobOption is an option of Submit: ID.
type JobOption interface{ applyJob(*jobConfig) }

type jobConfig struct {
	id       string
	named    bool // by ID
	deadline time.Time
	mapped   bool // by Map, which returns when everything of its own has ended
}

type jobOption func(*jobConfig)

func (o jobOption) applyJob(c *jobConfig) { o(c) }

// ID gives a job an id, in place of a new one: 1 to 64 letters, digits, underlines and
// hyphens of ASCII. A second Submit with the same id, by an executor of the same name (see
// Client), attaches to the job that is there, whatever its own input, and for as long as
// the job's result is kept (see Retain): so a program can submit again what it does not
// know to be submitted. If the job is of another function, or version, Submit returns an
// error, or the job has that as its own. In Python: key of Dask's Client.submit.
func ID(id string) JobOption {
	return jobOption(func(c *jobConfig) { c.id, c.named = id, true })
}

// Submit hands a call of f to the workers. It suspends the calling task until the server
// has stored the job, and before that while as many jobs are pending as Window allows. If
// the connection breaks, it goes on when there is one again, until ctx is done; the job is
// stored once. The deadline of ctx, if it has one, is that of the job as well: it is not
// begun after it. In Python: concurrent.futures.Executor.submit, Client.submit of Dask.
//
// It returns ErrUnknownFunc if workers serve functions, but none has ever served this one;
// if no worker has ever come, the job waits for the first. It returns ErrTooLarge for an
// input that the server does not take, ErrFull while the queue of jobs is full, ErrExpired
// with an ID whose result is gone, ErrClosed, and the error of the encoding.
//
// If ctx is canceled, it returns an error that is ErrCanceled. A job that is on its way to
// the server then is canceled; with an ID it is not, because it may be there already: call
// Submit again, or Attach, to know. Cancellation after Submit: see Job.Await.
func (f *Func[In, Out]) Submit(ctx context.Context, x *Executor, in In, opts ...JobOption) (*Job[Out], error) {
	c := jobConfig{}
	option.Apply(&c, opts, JobOption.applyJob)
	return f.submitWith(ctx, x, in, c)
}

func (f *Func[In, Out]) submitWith(ctx context.Context, x *Executor, in In, c jobConfig) (*Job[Out], error) {
	d := f.definition()
	if err := x.mustBeHere(ctx, "Submit"); err != nil {
		return nil, err
	}
	if c.deadline.IsZero() { // Map has set that of its own context
		c.deadline, _ = ctx.Deadline()
	}
	if c.named {
		if err := checkName("the id of a job,", c.id); err != nil {
			return nil, err
		}
	}
	data, err := d.encoding.Marshal(in)
	if err != nil {
		return nil, fmt.Errorf("remote: the input of %s cannot be sent: %w", d.name, err)
	}
	for {
		h, known, err := known[In](ctx, x, f, c.id)
		if known || err != nil {
			return h, err
		}
		h, err = f.submit(ctx, x, c, data)
		if !errors.Is(err, errTaken) {
			return h, err
		}
	}
}

// errTaken says that another task has taken the id meanwhile.
var errTaken = errors.New("remote: the id is taken")

// errIDOf says that an id cannot be used for one function, because it is used for another.
func errIDOf(id, name, version string) error {
	return fmt.Errorf("the id %s belongs to a job of %s, version %s: use another one", id, name, version)
}

// known returns the pending job with an id, when it is known whether it is stored.
func known[In, Out any](ctx context.Context, x *Executor, f *Func[In, Out], id string) (*Job[Out], bool, error) {
	for id != "" {
		j := x.find(id)
		if j == nil {
			break
		}
		h, same := j.target.(*Job[Out])
		if !same || j.def.name != f.def.name || j.def.version != f.def.version {
			return nil, false, fmt.Errorf("remote: %w", errIDOf(id, j.def.name, j.def.version))
		}
		if _, err := asyncio.Shield[struct{}](ctx, j.ready); err != nil {
			return nil, false, err
		}
		if !j.dropped {
			return h, true, nil
		}
	}
	return nil, false, nil
}

// submit is Submit for a job that is not known here.
func (f *Func[In, Out]) submit(ctx context.Context, x *Executor, c jobConfig, data []byte) (*Job[Out], error) {
	own, id := c.named, c.id
	if !own {
		id = nuid.Next()
	}
	d := f.definition()
	m := x.message(ctx, d, jobKey{x.config.client, id}, data, c.deadline)
	if size, limit := messageSize(m), x.maxInput.Load(); size > limit {
		return nil, fmt.Errorf("%w: the input of %s has %d bytes, and the server takes %d", ErrTooLarge, d.name, len(data), limit-(size-int64(len(data))))
	}
	if err := x.mustBeServed(ctx, d); err != nil {
		return nil, err
	}
	if err := x.window.Acquire(ctx); err != nil {
		return nil, err
	}
	if err := x.closed(); err != nil || own && x.find(id) != nil {
		x.window.Release()
		if err == nil {
			err = errTaken
		}
		return nil, err
	}
	h := newJob(ctx, x, f, id)
	j := h.job
	j.windowed = true
	j.register()
	if err := j.store(ctx, m, c.deadline, own); err != nil && !j.settled {
		j.drop(ctx, own)
		if c.mapped {
			_, _ = j.ready.Await(context.WithoutCancel(ctx)) // it has no error, and cannot be canceled
		}
		return nil, err
	}
	j.stored = true
	j.expireAt(ctx, c.deadline)
	x.submitted.Add(1)
	j.markReady()
	return h, nil
}

// drop deals with a job that Submit does not return.
func (j *jobState) drop(ctx context.Context, own bool) {
	if ctx.Err() != nil && !own && j.x.closed() == nil {
		// It may be on its way. It stays pending until the server knows that it is canceled.
		j.stored, j.unwanted = true, true
		j.cancel()
		return
	}
	j.settled, j.dropped = true, true
	j.unregister()
	j.markReady()
}
