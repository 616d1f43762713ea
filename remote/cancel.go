package remote

import (
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

const (
	claimWithin  = 500 * time.Millisecond // after the mark is stored, a worker that runs the job says that it has heard
	endWithin    = 5 * time.Second        // after that, the function has to have returned
	cancelWithin = 10 * time.Second       // after all this, also without a connection, the job has ended here
)

// A cancellation is the way of a job from Cancel to its end. For the loop only.
type cancellation struct {
	job     *jobState
	marked  bool // the server has the mark
	claimed bool // a worker ends the job
	pause   time.Duration
	next    *asyncio.TimerHandle // the next step; nil: there is none
	last    *asyncio.TimerHandle
}

// cancel begins to cancel the job, which has not ended.
func (j *jobState) cancel() {
	if j.canceling != nil || j.settled {
		return
	}
	c := &cancellation{job: j, pause: 100 * time.Millisecond}
	j.canceling = c
	j.x.listen() // before the mark is stored, so that no claim is missed
	c.last = j.x.loop.CallLater(cancelWithin, func() { j.settle(nil, asyncio.ErrCanceled) })
	c.mark()
}

// mark stores the mark of cancellation. It goes on with that also when the job has ended
// here without an answer of the server.
func (c *cancellation) mark() {
	x := c.job.x
	m := nats.NewMsg(x.config.cancel(c.job.key))
	x.publish(m, func(_ bool, err error) {
		switch {
		case err == nil:
			c.marked = true
			if !c.claimed {
				c.after(claimWithin, c.conclude)
			}
		case x.closed() == nil:
			c.again(c.mark)
		}
	})
}

// claim says that a worker ends the job.
func (c *cancellation) claim() {
	if !c.claimed {
		c.claimed = true
		c.after(endWithin, c.conclude)
	}
}

// conclude makes the result that the job is canceled, unless it has one.
func (c *cancellation) conclude() {
	j := c.job
	j.x.publish(j.ending(outcomeCanceled), func(_ bool, err error) {
		switch {
		case err == nil:
			j.settle(nil, asyncio.ErrCanceled)
		case wasThere(err):
			// Somebody else was faster: that result counts, and comes, if it has not.
		case j.x.closed() == nil:
			c.again(c.conclude)
		}
	})
}

// after sets the next step, in place of another one.
func (c *cancellation) after(d time.Duration, step func()) {
	if c.job.settled {
		return
	}
	if c.next != nil {
		c.next.Cancel()
	}
	c.next = c.job.x.loop.CallLater(d, step)
}

// again repeats a step that did not reach the server.
func (c *cancellation) again(step func()) {
	if c.job.settled && c.marked {
		return
	}
	c.pause = min(2*c.pause, 5*time.Second)
	c.next = c.job.x.loop.CallLater(c.pause, step)
}

// stop is called when the job has ended. The mark is stored all the same.
func (c *cancellation) stop() {
	c.last.Cancel()
	if c.marked && c.next != nil {
		c.next.Cancel()
	}
}
