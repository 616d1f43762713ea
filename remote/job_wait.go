package remote

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// wait suspends the calling task until the job has ended, or ctx is canceled.
func (j *jobState) wait(ctx context.Context) error {
	w, err := engine.BeginUnchecked(ctx, "Job.Await")
	if err != nil {
		return err
	}
	if err := w.Checkpoint(); err != nil || j.settled {
		return err
	}
	return w.Park(&j.awaiters, j)
}

// state returns what a job is. It panics for one that Func.Submit has not made.
func (h *Job[Out]) state() *jobState {
	if h == nil || h.job == nil {
		panic("remote: a Job that is nil or zero: use one that Func.Submit or Func.Attach has returned")
	}
	return h.job
}

var labelJob = engine.NewLabel("job")

// name is what a program is shown as that awaits the job.
func (j *jobState) name() string { return j.key.id + " of " + j.def.name }

// Describe makes a job the reason of a wait.
func (j *jobState) Describe() string { return labelJob.String() + " " + j.name() }

// Ref makes a job the reason of a wait.
func (j *jobState) Ref(l *engine.Loop) engine.Ref {
	if j.object == nil {
		j.object = engine.NewObject(j)
		j.object.Name = j.name()
	}
	return engine.Ref{Label: labelJob, Number: l.Number(j.object)}
}

// Awaited makes a job an engine.Awaited.
func (j *jobState) Awaited(yield func(*engine.Future) bool) { yield(engine.FutureOf(j.target.waits())) }

// State makes a job something that tasks share.
func (j *jobState) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelJob, Waiters: j.awaiters.Len()}
}
