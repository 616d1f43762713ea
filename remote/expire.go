package remote

import (
	"context"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/nats-io/nats.go"
)

// expireAt makes the job end if it has not, some time after its deadline. A worker that has
// the job ends it before that; this is for jobs that no worker has taken.
func (j *jobState) expireAt(ctx context.Context, deadline time.Time) {
	if deadline.IsZero() || j.settled {
		return
	}
	j.expiry = j.x.loop.CallLater(deadline.Sub(asyncio.Now(ctx))+endWithin, j.expire)
}

// expire makes the result that the job has expired, unless it has one.
func (j *jobState) expire() {
	j.x.publish(j.ending(outcomeExpired), func(_ bool, err error) {
		switch {
		case err == nil:
			j.settle(nil, j.errorf(ErrExpired))
		case wasThere(err):
			// Somebody else was faster: that result counts, and comes, if it has not.
		case j.x.closed() == nil && !j.settled:
			j.expiry = j.x.loop.CallLater(time.Second, j.expire)
		}
	})
}

// ending is a result that the client makes in place of a worker.
func (j *jobState) ending(o outcome) *nats.Msg {
	m := nats.NewMsg(j.x.config.result(j.key))
	m.Header.Set(headerExpected, notThere)
	m.Header.Set(headerOutcome, string(o))
	m.Header.Set(headerFunc, j.def.title())
	m.Header.Set(headerTTL, j.def.retain.String())
	m.Header.Set(headerAttempt, strconv.Itoa(j.attempts))
	return m
}
