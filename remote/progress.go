package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
)

// errNoJob is what Progress returns outside a job.
var errNoJob = errors.New("remote: Progress outside a job: pass the context that the function was given")

// Progress tells the client how far a job has come: v travels as JSON, and comes out of
// the client's Job.Progress. It is told to those who listen at that moment, and nothing
// keeps it. The function of a job may call it, with its context, on any goroutine. It does
// not suspend, and does not wait for the client. It returns an error outside a job, for a
// v that is no JSON, after the lease was lost (ErrLeaseLost), and while there is no
// connection; a function may go on after each of these. If ctx is canceled, it tells the
// progress all the same. In Python: update_state of Celery.
func Progress(ctx context.Context, v any) error {
	d := jobIn(ctx)
	if d == nil {
		return errNoJob
	}
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("remote: Progress: %w", err)
	}
	if !d.lease.held() {
		return ErrLeaseLost
	}
	return d.tell(event{Progress: data})
}

// tell sends an event to the client.
func (d *delivery) tell(e event) error {
	e.Worker, e.Attempt = d.worker.cfg.worker, d.attempt
	data, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return d.worker.nc.Publish(d.worker.cfg.event(d.key), data)
}

// tellIfAsked is tell for what only some clients want to hear.
func (d *delivery) tellIfAsked(e event) {
	if d.msg.Header.Get(headerEvents) != "" {
		_ = d.tell(e) // nothing depends on it
	}
}
