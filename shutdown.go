package asyncio

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// runUntil runs the loop until t is done, and the rest of the pass after.
func (l *Loop) runUntil(t *engine.Task, interrupt bool) (interrupted bool, err error) {
	done := stopper{loop: l.core, left: 1}
	done.watch(t)
	defer done.forget()
	defer l.watchStalls()()
	if interrupt {
		stop := l.watchInterrupts(t, &interrupted)
		defer stop()
	}
	err = l.core.Run()
	return interrupted, err
}

// close ends what is left over and closes the loop.
func (l *Loop) close() error {
	defer l.core.Exit() // the Goexit of a task goes on here
	defer l.core.Close()
	defer l.watchStalls()()
	l.removeSignalHandlers()
	grace := l.config.grace
	if grace == 0 {
		grace = defaultGrace
	}
	stuck, err := l.cancelTasks(grace)
	var threads []string
	for _, name := range l.threads.wait(grace) {
		l.report(ExceptionContext{Message: "the function in " + name + " still runs after Run has ended: it should return when its context is canceled"})
		threads = append(threads, name)
	}
	settled := l.core.Settle(settlePasses)
	l.core.ReportUnseen()
	if len(stuck)+len(threads) > 0 {
		err = errors.Join(err, &ShutdownError{stuck, threads})
	}
	return errors.Join(err, settled)
}

// asyncio.run goes on for four passes when all tasks have ended, to shut down
// generators and the default executor; callbacks of the last moment are still
// called in them.
const settlePasses = 4

var errRunEnds = errors.New("asyncio: Run is ending")

// cancelTasks cancels all tasks, and those that they create meanwhile, until
// none is left. After the grace time it names what is still there and ends
// it by force.
func (l *Loop) cancelTasks(grace time.Duration) (stuck []string, err error) {
	var over graceOver
	over.loop = l.core
	over.timer.Set(l.core, after(l.core.Now(), grace), &over)
	defer over.timer.Stop()
	for l.core.Live() > 0 && !over.fired && err == nil {
		s := stopper{loop: l.core}
		for _, t := range l.tasksByAge() {
			s.left++
			s.watch(t)
		}
		for _, t := range l.tasksByAge() {
			t.Cancel(errRunEnds)
		}
		err = l.core.Run()
		s.forget()
	}
	for _, t := range l.tasksByAge() {
		stuck = append(stuck, t.Name())
		l.report(ExceptionContext{
			Message: fmt.Sprintf("task %s has not ended %v after it was canceled, and is ended by force", t.Name(), grace),
			Task:    infoOf(t), Stack: t.Stack(),
		})
		l.core.Kill(t)
		err = errors.Join(err, l.core.Settle(settlePasses))
	}
	return stuck, err
}

func (l *Loop) tasksByAge() []*engine.Task {
	tasks := slices.Collect(l.core.Tasks)
	slices.SortFunc(tasks, func(a, b *engine.Task) int { return int(a.ID()) - int(b.ID()) })
	return tasks
}

// graceOver is the event that the grace time is over.
type graceOver struct {
	loop  *engine.Loop
	timer engine.Timer
	fired bool
}

func (g *graceOver) Fire() {
	g.fired = true
	g.loop.Stop()
}

// A stopper stops the loop when all the tasks that it watches have ended.
type stopper struct {
	loop    *engine.Loop
	left    int
	waiters []*engine.Waiter
}

func (s *stopper) watch(t *engine.Task) {
	w := new(engine.Waiter)
	w.Callback(s)
	t.Subscribe(w)
	s.waiters = append(s.waiters, w)
}

func (s *stopper) Fire() {
	if s.left--; s.left == 0 {
		s.loop.Stop()
	}
}

func (s *stopper) forget() {
	for _, w := range s.waiters {
		w.Remove()
	}
}
