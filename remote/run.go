package remote

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

// A delivery is a job that was delivered to this worker, once.
type delivery struct {
	worker    *worker
	fn        *served
	msg       *nats.Msg
	key       jobKey
	seq       uint64 // in the stream of jobs
	submitted time.Time
	delivered int
	lease     *lease
	stopped   context.Context // canceled when the function is to end before its time
	stop      context.CancelCauseFunc
	slot      bool   // it has a slot; of the loop
	noted     bool   // its note says that its function has begun
	failureAt uint64 // where its failure is kept; 0: it is not; of the goroutine that ends it
	refused   bool   // what had to be stored was refused for good; of the goroutine that ends it

	// Set before the function runs, and then only read.
	note     note
	noteAt   uint64 // its sequence in the stream of notes; 0: there is none, or it was not read
	attempt  int
	deadline time.Time // of the job as a whole, by the local clock; zero: none

	// Guarded by worker.mu.
	runs  bool
	began time.Time
}

// newJob reads what was delivered. It returns nil if that is no job.
func (w *worker) newDelivery(fn *served, m *nats.Msg, asked time.Time) *delivery {
	meta, err := m.Metadata()
	parts := strings.Split(m.Subject, ".")
	if err != nil || len(parts) != 6 {
		return nil
	}
	d := &delivery{
		worker: w, fn: fn, msg: m, key: jobKey{parts[4], parts[5]}, seq: meta.Sequence.Stream,
		submitted: meta.Timestamp, delivered: int(meta.NumDelivered), attempt: int(meta.NumDelivered),
		note: note{Seq: meta.Sequence.Stream},
	}
	d.stopped, d.stop = context.WithCancelCause(context.Background())
	d.lease = w.leases.add(m.Reply, asked, func() { d.stop(ErrLeaseLost) })
	return d
}

// accept takes a job, for which there is a slot, to the loop. It is called by the fetcher.
func (w *worker) accept(fn *served, m *nats.Msg, asked time.Time) bool {
	d := w.newDelivery(fn, m, asked)
	if d == nil {
		w.drop(m)
		return false
	}
	d.slot = true
	w.mu.Lock()
	w.jobs[d] = struct{}{}
	w.mu.Unlock()
	err := w.loop.CallSoonThreadsafe(func() {
		asyncio.Go(w.ctx, d.run, asyncio.Name(fn.name+" "+d.key.id))
	})
	if err != nil { // the loop has ended, and Serve with it: the lease runs out
		d.leave()
	}
	return err == nil
}

// drop removes from the queue what is no job: nobody could ever end it.
func (w *worker) drop(m *nats.Msg) {
	_ = w.nc.Publish(m.Reply, []byte("+TERM")) // without a connection, it is delivered again
}

// run is the task of a job, until its function has returned. What is left to do then
// does not need the loop.
func (d *delivery) run(ctx context.Context) error {
	ended := false
	defer func() {
		if !ended {
			d.leave()
		}
	}()
	ctx = context.WithoutCancel(ctx) // what has begun comes to its end
	end, err := d.before(ctx)
	if end == nil && err == nil {
		end = d.attemptOnce(ctx)
	}
	if err != nil || end == nil {
		return err
	}
	w := d.worker
	if err := w.finishing.Acquire(ctx); err != nil {
		return err
	}
	d.releaseSlot()
	ended = true
	w.enders.do(func() {
		end()
		d.leave()
		w.mail.post(w.finishing.Release)
	})
	return nil
}

func (d *delivery) releaseSlot() {
	if d.slot {
		d.slot = false
		d.worker.fetcher.release()
	}
}

// leave is called when the worker is done with a job.
func (d *delivery) leave() {
	d.lease.giveUp()
	d.releaseSlot()
	d.stop(nil)
	w := d.worker
	w.mu.Lock()
	delete(w.jobs, d)
	w.mu.Unlock()
	w.wakeIfIdle()
}

// An ending is what is left to do for a job after its function. It may block.
type ending func()

// before decides whether the function is to run. If not, it returns what to do.
func (d *delivery) before(ctx context.Context) (ending, error) {
	marked := d.worker.cancels.has(d.key, d.submitted)
	if d.delivered > 1 || marked { // otherwise there can be no result, and no note
		end, err := asyncio.ToThread(ctx, func(context.Context) (ending, error) { return d.lookBack(), nil })
		if err != nil || end != nil {
			return end, err
		}
	}
	d.deadline = d.deadlineOf()
	deaths := d.deaths()
	switch encoding := d.msg.Header.Get(headerEncoding); {
	case !d.lease.held():
		return func() {}, nil
	case marked:
		return d.endsWith(result{outcome: outcomeCanceled}), nil
	case d.fn.maxDeaths >= 0 && deaths >= d.fn.maxDeaths:
		d.attempt-- // this delivery is none
		return d.endsWith(result{outcome: outcomeDied, err: fmt.Errorf("%w: %d times", ErrWorkerDied, deaths)}), nil
	case !d.deadline.IsZero() && !time.Now().Before(d.deadline):
		return d.endsWith(result{outcome: outcomeExpired}), nil
	case encoding != d.fn.encoding.Name():
		err := fmt.Errorf("the input is encoded as %q, and the worker reads %q", encoding, d.fn.encoding.Name())
		return d.endsWith(result{outcome: outcomeError, err: err}), nil
	}
	return nil, nil
}

// lookBack looks for what earlier deliveries have left behind.
func (d *delivery) lookBack() ending {
	found := false
	if !d.insist(func(ctx context.Context) (err error) { found, err = d.hasResult(ctx); return err }) {
		return func() {}
	}
	if found {
		return d.acknowledge
	}
	if d.delivered > 1 && !d.insist(d.readNote) {
		return func() {}
	}
	d.attempt = d.delivered - d.note.Unbegun
	if d.fn.notesBegin() {
		d.attempt = d.note.Began + 1
	}
	return nil
}

// deaths is how many workers have died of the job, as far as is known: those that have not
// given it back. A delivery that no worker has got looks like one of them. Where a single
// death is the end of a job, that would be wrong too often, so there it is noted when a
// function begins.
func (d *delivery) deaths() int {
	if d.fn.notesBegin() {
		return d.note.Began - (d.note.Returned - d.note.Unbegun)
	}
	return d.delivered - 1 - d.note.Returned
}

// noteBegin writes down that the function begins, if that is to be noted. It reports
// whether the function may begin. It suspends.
func (d *delivery) noteBegin(ctx context.Context) bool {
	if !d.fn.notesBegin() {
		return true
	}
	noted, err := asyncio.ToThread(ctx, func(context.Context) (bool, error) {
		return d.insist(func(ctx context.Context) error { return d.addNote(ctx, note{Began: 1}) }), nil
	})
	d.noted = noted && err == nil
	return d.noted
}

// deadlineOf is when the time of the job is over. How long it was queued, only the
// server's clock knows.
func (d *delivery) deadlineOf() time.Time {
	left, err := time.ParseDuration(d.msg.Header.Get(headerTimeLeft))
	if err != nil {
		return time.Time{}
	}
	return time.Now().Add(left - d.worker.clock.now().Sub(d.submitted))
}

// attemptOnce runs the function, and decides what comes of it.
func (d *delivery) attemptOnce(ctx context.Context) ending {
	if !d.noteBegin(ctx) {
		return d.leaveRefused // or the lease is lost
	}
	w := d.worker
	w.mu.Lock()
	d.runs, d.began = true, time.Now()
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		d.runs = false
		w.mu.Unlock()
	}()
	switch {
	case w.cancels.has(d.key, d.submitted): // since before; from now on cancelRunning sees the job
		return d.endsWith(result{outcome: outcomeCanceled})
	case d.stopped.Err() != nil: // the worker ends; if the lease is lost, this says nothing
		return func() { d.giveBack(note{Returned: 1, Unbegun: 1}, 0) }
	}
	d.tellIfAsked(event{Began: true})
	var r returned
	var err error
	if w.pool == nil {
		r, err = d.runOnLoop(ctx)
	} else {
		r, err = d.runInPool(ctx)
	}
	if err != nil {
		r = returned{err: err}
	}
	return d.decide(r)
}
