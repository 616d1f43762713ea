package remote_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/nats-io/nats.go"
)

// TestModel runs random scripts of what can happen: jobs are submitted, canceled and
// published again, while workers are killed and stopped, the server is killed and ended,
// and the network of workers and of the client is cut. What has to hold in the end:
//
//   - Each job that was submitted has exactly one result, or an error that is stated.
//   - All clients agree on it, also one that comes later.
//   - A job has begun more than once only if something has happened to a worker or to the
//     server meanwhile.
func TestModel(t *testing.T) {
	t.Parallel()
	for _, m := range []struct {
		name   string
		faults bool
		rounds int
	}{
		{"calm", false, times(1, 3)},
		{"with faults", true, times(2, 15)},
	} {
		for i := range m.rounds {
			t.Run(fmt.Sprint(m.name, " ", i+1), func(t *testing.T) {
				t.Parallel()
				runModel(t, m.faults, times(40, 120))
			})
		}
	}
}

// A model is what a script knows of the world.
type model struct {
	t      *testing.T
	l      *land
	r      *rand.Rand
	faults bool
	began  time.Time

	workers []*modelWorker
	client  *strait
	happens []happening // what may be the reason for a second run

	jobs []*modelJob
}

// A happening may cost a worker its lease, or the server what it knew of deliveries.
type happening struct {
	what     string
	from, to time.Time // to is zero while it lasts
}

// A modelWorker is the place of a worker, which has a strait to the server.
type modelWorker struct {
	*process
	network string
	strait  *strait
	stopped bool
}

// A modelJob is what a script knows of a job.
type modelJob struct {
	*remote.Job[answer]
	id       string
	in       task
	byClient *asyncio.Task[string] // awaits it, and says how it ended
	canceled bool                  // somebody has called Cancel
	cutOff   bool                  // and its client was cut off from the server then, or later
}

func runModel(t *testing.T, faults bool, steps int) {
	r := newSeed(t)
	m := &model{t: t, l: newLandWithServerProcess(t), r: r, faults: faults, began: time.Now()}
	m.l.lease = shortLease
	m.l.noteOwnGaps()
	for i := range 3 {
		w := &modelWorker{strait: newStrait(t, m.l.url), network: fmt.Sprint("network ", i+1)}
		m.workers = append(m.workers, w)
		m.start(w)
	}
	m.client = newStrait(t, m.l.url)
	inLoop(t, m.client.url(), func(ctx context.Context, x *remote.Executor) error { return m.play(ctx, x, steps) }, remote.Client("c"))
	if t.Failed() {
		return
	}
	inLoop(t, m.l.url, m.compare, remote.Client("c"))
	m.l.settled(len(m.jobs))
	m.explainRuns()
}

// logf tells what the script does, and when.
func (m *model) logf(format string, args ...any) {
	m.t.Logf("%6.3f %s", time.Since(m.began).Seconds(), fmt.Sprintf(format, args...))
}

func (m *model) start(w *modelWorker) {
	w.process = m.l.worker(func(spec *aWorker) { spec.URL = w.strait.url() })
}

// play plays a script, and lets everything come to its end.
func (m *model) play(ctx context.Context, x *remote.Executor, steps int) error {
	for range steps {
		if err := m.step(ctx, x); err != nil {
			return err
		}
		m.supervise()
		if err := asyncio.Sleep(ctx, between(m.r, 0, 150*time.Millisecond)); err != nil {
			return err
		}
	}
	m.logf("the end of the script")
	if err := off(ctx, m.healAll); err != nil {
		return err
	}
	for _, j := range m.jobs {
		for !j.byClient.Done() {
			if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
				return fmt.Errorf("job %s has not ended: %w", j.id, err)
			}
			m.supervise()
		}
	}
	return nil
}

// supervise starts workers again that have ended by themselves, as the command asyncio
// worker does. They may do so only when they cannot begin, because the server is not to
// be reached.
func (m *model) supervise() {
	for _, w := range m.workers {
		select {
		case <-w.ended:
			m.logf("%s has ended with %v, saying %q", w.name, w.err, w.said.all())
			m.start(w)
		default:
		}
	}
}

// step does something at random.
func (m *model) step(ctx context.Context, x *remote.Executor) error {
	w := m.workers[m.r.IntN(len(m.workers))]
	switch n := m.r.IntN(100); {
	case n < 40:
		return m.submit(ctx, x, 1+m.r.IntN(15))
	case n < 50:
		m.cancel()
	case n < 56:
		return off(ctx, m.duplicate)
	case !m.faults:
	case n < 66:
		return off(ctx, func() { m.kill(w) })
	case n < 76:
		return off(ctx, func() { m.stopOrContinue(w) })
	case n < 84:
		m.partition(w.network, w.strait)
	case n < 88:
		m.partition("the client", m.client)
	case n < 95:
		m.heal(w)
	default:
		return off(ctx, m.restartServer)
	}
	return nil
}

// submit submits jobs in tasks of their own: with the client cut off, it may take long.
func (m *model) submit(ctx context.Context, x *remote.Executor, n int) error {
	m.logf("submit %d", n)
	for range n {
		j := &modelJob{id: fmt.Sprint("j", len(m.jobs)), in: m.task(len(m.jobs))}
		m.jobs = append(m.jobs, j)
		j.byClient = asyncio.CreateTask(ctx, func(ctx context.Context) (string, error) {
			var err error
			if j.Job, err = work.Submit(ctx, x, j.in, remote.ID(j.id)); err != nil {
				return "", fmt.Errorf("submit: %w", err)
			}
			got, err := j.Await(ctx)
			if ctx.Err() != nil {
				return "", context.Cause(ctx)
			}
			return m.verdict(j, got, err), nil
		})
	}
	return nil
}

func (m *model) task(n int) task {
	in := task{N: n, Takes: between(m.r, 0, 80*time.Millisecond)}
	switch m.r.IntN(12) {
	case 0:
		in.How = "fail"
	case 1:
		in.How = "deaf"
	case 2:
		in.Takes = between(m.r, 0, 1500*time.Millisecond) // longer than a lease
	}
	return in
}

// verdict says how a job has ended, and complains if it must not have ended so.
func (m *model) verdict(j *modelJob, got answer, err error) string {
	failed := new(remote.RemoteError)
	switch {
	case err == nil && got.Square == j.in.N*j.in.N && j.in.How != "fail":
		return "ok"
	case errors.As(err, &failed) && errors.Is(err, errTaskFails) && j.in.How == "fail":
		return "failed"
	case errors.Is(err, asyncio.ErrCanceled) && j.canceled && failed.Func == "":
		return "canceled"
	}
	m.t.Errorf("job %s (%+v, canceled: %v) has come to %v, %v", j.id, j.in, j.canceled, got, err)
	return "wrong"
}

func (m *model) cancel() {
	pending := slices.DeleteFunc(slices.Clone(m.jobs), func(j *modelJob) bool { return j.Job == nil || j.Done() || j.canceled })
	if len(pending) == 0 {
		return
	}
	j := pending[m.r.IntN(len(pending))]
	m.logf("cancel %s", j.id)
	j.canceled, j.cutOff = true, m.client.closed()
	j.Cancel()
}

// duplicate publishes a job again that is queued or runs, with a connection that works.
func (m *model) duplicate() {
	if m.l.state("JOBS").Msgs == 0 || len(m.jobs) == 0 {
		return
	}
	j := m.jobs[m.r.IntN(len(m.jobs))]
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s, err := m.l.js.Stream(ctx, "asyncio_JOBS")
	if err != nil {
		m.t.Error(err)
		return
	}
	stored, err := s.GetLastMsgForSubject(ctx, "asyncio.job.work.1.c."+j.id)
	if err != nil {
		return // it has ended, or is not there yet
	}
	m.logf("publish %s again", j.id)
	for range 3 {
		again := nats.NewMsg(stored.Subject)
		again.Data = stored.Data
		for _, name := range []string{nats.MsgIdHdr, nats.ExpectedLastSubjSeqHdr, "Asyncio-Encoding"} {
			again.Header.Set(name, stored.Header.Get(name))
		}
		_, _ = m.l.js.PublishMsg(ctx, again) // refused, or a duplicate: settled counts what is stored
	}
}

// begins notes that something has begun to happen, and returns how to note its end.
func (m *model) begins(format string, args ...any) *happening {
	m.logf(format, args...)
	m.happens = append(m.happens, happening{what: fmt.Sprintf(format, args...), from: time.Now()})
	return &m.happens[len(m.happens)-1]
}

// ends notes the end of what has happened to someone.
func (m *model) ends(whose string) {
	for i := range m.happens {
		if h := &m.happens[i]; h.to.IsZero() && strings.HasSuffix(h.what, whose) {
			h.to = time.Now()
			m.logf("no more: %s", h.what)
		}
	}
}

func (m *model) kill(w *modelWorker) {
	m.begins("kill %s", w.name).to = time.Now()
	m.ends("stop " + w.name)
	w.kill()
	w.stopped = false
	m.start(w)
}

func (m *model) stopOrContinue(w *modelWorker) {
	if w.stopped {
		w.cont()
		m.ends("stop " + w.name)
	} else {
		m.begins("stop %s", w.name)
		w.stop()
	}
	w.stopped = !w.stopped
}

func (m *model) partition(whose string, s *strait) {
	how := []string{"both", "cut", "down", "up"}[m.r.IntN(4)]
	m.begins("%s: %s", how, whose)
	partitions[how](s)
	if s != m.client {
		return
	}
	for _, j := range m.jobs {
		j.cutOff = true
	}
}

func (m *model) heal(w *modelWorker) {
	w.strait.heal()
	m.ends(w.network)
	m.client.heal()
	m.ends("the client")
}

func (m *model) restartServer() {
	kill := m.r.IntN(2) == 0
	m.begins("restart the server, killing it: %v", kill)
	if kill {
		m.l.server.kill()
	} else if err := m.l.server.terminate(); err != nil {
		m.t.Errorf("the server has ended with %v", err)
	}
	m.l.startServer()
	m.ends(fmt.Sprint(kill))
}

func (m *model) healAll() {
	for _, w := range m.workers {
		m.heal(w)
		if w.stopped {
			m.stopOrContinue(w)
		}
	}
}

// compare asks for all jobs as another client, that comes later.
func (m *model) compare(ctx context.Context, x *remote.Executor) error {
	count := map[string]int{}
	for _, j := range m.jobs {
		first, err := j.byClient.Result()
		if err != nil {
			return err
		}
		again, err := work.Attach(ctx, x, j.id)
		if err != nil {
			return err
		}
		got, err := again.Await(ctx)
		now := m.verdict(j, got, err)
		// A client that was cut off for ten seconds after Cancel gives up, and does not know.
		if now != first && !(first == "canceled" && j.cutOff) {
			m.t.Errorf("job %s was %s for one client and is %s for another", j.id, first, now)
		}
		count[now]++
	}
	m.logf("%d jobs: %v", len(m.jobs), count)
	return nil
}

// explainRuns looks for a reason for each run but the first.
func (m *model) explainRuns() {
	began := map[string][]time.Time{}
	for _, e := range entries(m.t, m.l.dir) {
		switch e.what {
		case "begin":
			began[e.id] = append(began[e.id], e.when)
		case "gap":
			m.happens = append(m.happens, happening{"a process did not run for " + e.more + " ms", e.when.Add(-gap), e.when})
		}
	}
	more := 0
	for id, times := range began {
		slices.SortFunc(times, time.Time.Compare)
		for i := 1; i < len(times); i++ {
			if more++; !m.explained(times[i-1], times[i]) {
				m.t.Errorf("job %s has begun at %v and again at %v, and nothing has happened", id, times[i-1].Sub(m.began), times[i].Sub(m.began))
			}
		}
	}
	m.logf("%d runs more than jobs that have begun", more)
}

// explained reports whether something has happened between two runs, or so little before
// them that a lease has not ended since.
func (m *model) explained(first, second time.Time) bool {
	const slack = 3 * time.Second
	return slices.ContainsFunc(m.happens, func(h happening) bool {
		return h.from.Before(second) && (h.to.IsZero() || h.to.Add(slack).After(first))
	})
}
