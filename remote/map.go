package remote

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Map submits a job for each input and ranges over the results in the order of the inputs,
// while later jobs run. It reads its input as it goes, in the task that ranges, and is at
// most the window ahead (see Window, 10,000 if that has no limit). A job that has failed is
// yielded with its error, and the others go on. While the queue of jobs is full, it waits
// for jobs of its own to end, and yields ErrFull only if it has none. Breaking out of the
// range cancels the jobs that have not ended, and waits for their end, as Job.Cancel says;
// except that one on its way to the server is canceled as Submit says, and not waited for;
// so does a cancellation of ctx, after which the last pair is the zero value and an error
// that is ErrCanceled. Each range over the sequence submits the jobs again. In Python:
// concurrent.futures.Executor.map, which ends with the first error.
func (f *Func[In, Out]) Map(ctx context.Context, x *Executor, in iter.Seq[In]) iter.Seq2[Out, error] {
	f.definition()
	if in == nil {
		panic("remote: Map without an input")
	}
	return func(yield func(Out, error) bool) {
		m := &mapping[In, Out]{f: f, x: x, ctx: ctx, yield: yield}
		if err := x.mustBeHere(ctx, "Map"); err != nil {
			yield(m.zero, err)
			return
		}
		m.deadline, _ = ctx.Deadline() // the tasks take only the values of ctx
		m.limit = min(x.windowSize(), unlimitedAhead)
		defer m.stop()
		for v := range in {
			if !m.submit(v) {
				return
			}
		}
		for len(m.tasks) > 0 && m.next() {
		}
	}
}

const unlimitedAhead = 10_000

// A mapping is one range over what Map returns. For the loop only.
type mapping[In, Out any] struct {
	f        *Func[In, Out]
	x        *Executor
	ctx      context.Context
	yield    func(Out, error) bool
	limit    int
	deadline time.Time
	tasks    []*asyncio.Task[Out] // one for each job whose result was not yielded, in order
	jobs     int                  // how many jobs are at the server
	ended    time.Time            // when the last of them has ended
	zero     Out
}

// submit begins a job, when there is room, and yields what is done before it. It returns
// false when the range is over.
func (m *mapping[In, Out]) submit(in In) bool {
	for len(m.tasks) >= m.limit || len(m.tasks) > 0 && m.tasks[0].Done() {
		if !m.next() {
			return false
		}
	}
	if err := m.ctx.Err(); err != nil && len(m.tasks) == 0 { // otherwise next finds it
		m.yield(m.zero, asyncio.Sleep(m.ctx, 0))
		return false
	}
	m.tasks = append(m.tasks, asyncio.CreateTask(m.ctx, func(ctx context.Context) (Out, error) { return m.run(ctx, in) }))
	return true
}

// next yields the next result. It returns false when the range is over.
func (m *mapping[In, Out]) next() bool {
	t := m.tasks[0]
	v, err := t.Await(m.ctx)
	m.tasks[0], m.tasks = nil, m.tasks[1:]
	if m.ctx.Err() != nil && errors.Is(err, asyncio.ErrCanceled) {
		m.stop() // first, so that whoever gets the error knows that all has ended
		m.yield(m.zero, err)
		return false
	}
	return m.yield(v, err)
}

// run is a task: it submits a job and waits for it. There is one for each job, so that one
// that is published does not wait for the confirmation of the one before.
func (m *mapping[In, Out]) run(ctx context.Context, in In) (Out, error) {
	h, err := m.f.submitWith(ctx, m.x, in, jobConfig{deadline: m.deadline, mapped: true})
	for pause := 10 * time.Millisecond; errors.Is(err, ErrFull) && m.makesRoom(); pause = min(2*pause, 250*time.Millisecond) {
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return m.zero, err
		}
		h, err = m.f.submitWith(ctx, m.x, in, jobConfig{deadline: m.deadline, mapped: true})
	}
	if err != nil {
		return m.zero, err
	}
	m.jobs++
	defer func() { m.jobs, m.ended = m.jobs-1, time.Now() }()
	return h.Await(ctx)
}

// makesRoom reports whether there will be room in the queue because a job of this Map ends,
// or has ended: a worker takes it off the queue only when its result is stored.
func (m *mapping[In, Out]) makesRoom() bool {
	return m.jobs > 0 || time.Since(m.ended) < leavesQueueWithin
}

const leavesQueueWithin = 2 * time.Second

// stop cancels what has not ended, and waits for its end.
func (m *mapping[In, Out]) stop() {
	tasks := m.tasks
	m.tasks = nil
	for _, t := range tasks {
		t.Cancel()
	}
	_, _, _ = asyncio.Wait(context.WithoutCancel(m.ctx), tasks, asyncio.AllCompleted, 0) // it cannot be canceled
	for _, t := range tasks {
		_ = t.Err() // whoever breaks out does not want to know
	}
}
