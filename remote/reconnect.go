package remote

import (
	"context"
	"fmt"
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

// afterReconnect asks for each pending job what became of it. It runs on a goroutine of its
// own.
func (x *Executor) afterReconnect(ctx context.Context) {
	reopen := func(ctx context.Context) error {
		_, err := x.reopen(ctx)
		return err
	}
	if !untilDone(ctx, reopen) {
		return
	}
	x.mail.post(func() { // the loop knows which jobs are stored
		jobs := x.storedJobs()
		go func() {
			x.askForAll(ctx, jobs)
			if ctx.Err() == nil {
				x.network.noteAsked()
			}
		}()
	})
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
	for {
		select {
		case <-x.ended.Done():
			return
		case <-ticker.C:
		}
		pending := make(chan []*jobState, 1)
		x.mail.post(func() { pending <- x.storedJobs() })
		select {
		case <-x.ended.Done():
			return
		case jobs := <-pending:
			x.lookAt(jobs)
		}
	}
}

func (x *Executor) lookAt(jobs []*jobState) {
	if len(jobs) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(x.ended, callTimeout)
	defer cancel()
	anew, err := x.reopen(ctx)
	if err != nil {
		return // the next turn tries again, or afterReconnect
	}
	if !anew {
		jobs = jobs[:min(sampled, len(jobs))] // in no order, so each has its turn
	}
	x.askForAll(x.ended, jobs)
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

// storedJobs runs on the loop. Jobs that are not known to be stored are Submit's.
func (x *Executor) storedJobs() (jobs []*jobState) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, j := range x.pending {
		if j.stored {
			jobs = append(jobs, j)
		}
	}
	return jobs
}

// reopen makes streams again that are gone, and the consumer if the stream of results is a
// new one. A consumer of the same stream finds its place itself. It reports whether the
// stream of jobs or that of results is a new one.
func (x *Executor) reopen(ctx context.Context) (anew bool, err error) {
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

func (x *Executor) askForAll(ctx context.Context, jobs []*jobState) {
	queue := make(chan *jobState)
	var all sync.WaitGroup
	for range min(askers, len(jobs)) {
		all.Go(func() {
			for j := range queue {
				untilDone(ctx, j.mustNotBeLost)
			}
		})
	}
	for _, j := range jobs {
		queue <- j
	}
	close(queue)
	all.Wait()
}

// mustNotBeLost ends a job that the server does not know any more. It has expired if its
// result can have come and gone while there was no connection. That the stream of results
// is still the same does not say so: a power cut costs only the end of a stream.
func (j *jobState) mustNotBeLost(ctx context.Context) error {
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
		limited, cancel := context.WithTimeout(ctx, callTimeout)
		err := ask(limited)
		cancel()
		if err == nil {
			return true
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
	return false
}
