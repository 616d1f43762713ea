package remote

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// watchStatus waits for new connections, until its channel is closed. It is beside the
// handlers of the connection, which are the user's.
func (x *Executor) watchStatus(status <-chan nats.Status) {
	forget := func() {}
	for s := range status {
		if s == nats.RECONNECTING {
			x.network.noteCut()
			continue
		}
		forget() // a new connection makes the questions on the old one idle
		if s == nats.CLOSED {
			x.close(fmt.Errorf("the connection is closed: %w", ErrClosed))
			continue
		}
		ctx, cancel := context.WithCancel(x.ended)
		forget = cancel
		go x.afterReconnect(ctx)
	}
	forget()
}

// afterReconnect asks for each pending job what became of it, until each has an answer. It
// runs on a goroutine of its own. A question that has no answer may have none because a
// stream was deleted meanwhile, so it looks at the streams again before it asks again.
func (x *Executor) afterReconnect(ctx context.Context) {
	var jobs []*jobState // without an answer; nil: all that are pending
	answered := untilDone(ctx, func(ctx context.Context) error {
		anew, err := x.reopen(ctx)
		if err != nil {
			return err
		}
		if anew || jobs == nil {
			jobs = x.storedJobs(ctx)
		}
		jobs, err = askForAll(ctx, jobs)
		return err
	})
	if answered && ctx.Err() == nil {
		x.network.noteAsked()
	}
}

// lookEvery is how often clients and workers look whether streams that they read are still
// the same.
const lookEvery = 30 * time.Second

// sampled is how many pending jobs lookAround asks for at a time.
const sampled = 32

// lookAround looks now and then, while jobs are pending, whether the streams are still those
// that they were, and for some of the jobs what became of them: on a connection that stays,
// nothing else says that somebody has deleted a stream, or that the consumer of results is
// silent. It runs on a goroutine of its own, until the executor ends.
func (x *Executor) lookAround() {
	ticker := time.NewTicker(x.config.every)
	defer ticker.Stop()
	for all := false; ; {
		select {
		case <-x.ended.Done():
			return
		case <-ticker.C:
			all = x.lookAt(x.storedJobs(x.ended), all)
		}
	}
}

// lookAt asks once, and for all jobs if a stream is a new one. It reports whether the next
// turn has to ask for all again.
func (x *Executor) lookAt(jobs []*jobState, all bool) (again bool) {
	if len(jobs) == 0 {
		return false
	}
	anew, err := x.reopen(x.ended)
	if err != nil {
		return all // or afterReconnect asks
	}
	if all = all || anew; !all {
		jobs = jobs[:min(sampled, len(jobs))] // in no order, so each has its turn
	}
	_, err = askForAll(x.ended, jobs)
	return all && err != nil
}

// lookAgain does the same on a connection that stays, when the stream of jobs does not answer.
// For the loop only.
func (x *Executor) lookAgain() {
	if x.looking {
		return
	}
	x.looking = true
	go func() {
		x.afterReconnect(x.ended)
		x.mail.post(func() { x.looking = false })
	}()
}

// storedJobs asks the loop which jobs are stored. Those of which that is not known are
// Submit's. It returns none when ctx is done.
func (x *Executor) storedJobs(ctx context.Context) []*jobState {
	answer := make(chan []*jobState, 1)
	x.mail.post(func() {
		x.mu.Lock()
		defer x.mu.Unlock()
		var jobs []*jobState
		for _, j := range x.pending {
			if j.stored {
				jobs = append(jobs, j)
			}
		}
		answer <- jobs
	})
	select {
	case <-ctx.Done(): // the executor has ended, or its loop, which then does not answer
		return nil
	case jobs := <-answer:
		return jobs
	}
}

// reopen makes streams again that are gone, and the consumer if the stream of results is a
// new one. A consumer of the same stream finds its place itself. It reports whether the
// stream of jobs or that of results is a new one.
func (x *Executor) reopen(ctx context.Context) (anew bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	n := &x.network
	now, err := x.config.reopen(ctx, n.js)
	if err != nil {
		return false, err
	}
	x.noteLimits(now.jobs.CachedInfo())
	anew = n.haveOtherJobs(now.jobs)
	if n.results.follows(now.results) {
		return anew, nil
	}
	n.noteAsked() // what was in the old stream has not expired
	return true, n.consume(ctx, x, now.results, 1)
}

// haveOtherJobs notes which stream of jobs there is, and reports whether it is another one
// than before.
func (n *network) haveOtherJobs(s jetstream.Stream) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.jobsMade
	n.jobsMade = s.CachedInfo().Created
	return !before.Equal(n.jobsMade)
}

// noteCut notes that there is no connection. If there was none before, and not all jobs were
// asked for meanwhile, that time counts as well. It is told by the clock on the wall: the
// other one may stand still while the machine sleeps.
func (n *network) noteCut() {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cutOff.IsZero() {
		n.cutOff = time.Now().Round(0)
	}
}

// noteAsked notes that it is known what came while there was no connection.
func (n *network) noteAsked() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cutOff = time.Time{}
}

// canHaveExpired reports whether a result that was not seen can be gone by now.
func (n *network) canHaveExpired(retain time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return !n.cutOff.IsZero() && time.Now().Round(0).Sub(n.cutOff) >= retain
}

// askers is how many questions there are at a time.
const askers = 8

// askForAll asks for jobs what became of them. When a question has no answer it asks no
// more, and returns those that are left, and why: what is wrong is likely to be so for all.
func askForAll(ctx context.Context, jobs []*jobState) (left []*jobState, why error) {
	var (
		mu         sync.Mutex
		asked      int
		unanswered []*jobState
		all        sync.WaitGroup
	)
	next := func() *jobState {
		mu.Lock()
		defer mu.Unlock()
		if why != nil || asked == len(jobs) {
			return nil
		}
		asked++
		return jobs[asked-1]
	}
	for range min(askers, len(jobs)) {
		all.Go(func() {
			for j := next(); j != nil; j = next() {
				if err := j.mustNotBeLost(ctx); err != nil {
					mu.Lock()
					unanswered, why = append(unanswered, j), err
					mu.Unlock()
				}
			}
		})
	}
	all.Wait()
	return slices.Concat(jobs[asked:], unanswered), why // no job keeps others from having their turn
}

// mustNotBeLost ends a job that the server does not know any more. It has expired if its
// result can have come and gone while there was no connection. That the stream of results
// is still the same does not say so: a power cut costs only the end of a stream.
func (j *jobState) mustNotBeLost(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	there, err := j.isThere(ctx)
	if err == nil && !there {
		why := ErrLost
		if j.x.network.canHaveExpired(j.def.retain) {
			why = ErrExpired
		}
		j.x.mail.post(func() { j.settle(nil, j.errorf(why)) })
	}
	return err
}

// untilDone repeats a question until it has an answer, or ctx is done.
func untilDone(ctx context.Context, ask func(ctx context.Context) error) bool {
	for pause := 50 * time.Millisecond; ctx.Err() == nil; pause = min(2*pause, 2*time.Second) {
		if ask(ctx) == nil {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return false
}
