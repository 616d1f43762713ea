package asyncio

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// runUntil runs the loop until t is done, to the end of that pass.
func (l *Loop) runUntil(t *engine.Task, interrupt bool) (interrupted bool, err error) {
	defer l.stopWhenDone(t)()
	defer l.watchStalls()()
	if interrupt {
		stop := l.watchInterrupts(t, &interrupted)
		defer stop()
	}
	defer l.watchQuit()()
	err = l.core.Run()
	return interrupted, err
}

// close ends what is left over and closes the loop.
func (l *Loop) close() error {
	defer l.core.Exit() // the Goexit of a task goes on here
	defer l.reports.Wait()
	defer l.core.Close()
	defer l.removeSignalHandlers() // the cleaning up may want them
	defer l.watchStalls()()
	return l.windUp()
}

// windUp ends all tasks and waits for all threads.
func (l *Loop) windUp() (err error) {
	over := false
	defer func() {
		if over {
			return
		}
		if v := recover(); v != nil {
			panic(v)
		}
		_ = l.windUp() // a Goexit in a callback is on its way out; the rest has to end all the same
	}()
	tasks, err := l.cancelTasks()
	threads, waited := l.waitForThreads()
	settled := l.core.Settle(settlePasses)
	if l.hasOthers(tasks) { // a thread may have started some
		late, errLate := l.cancelTasks()
		tasks, settled = append(tasks, late...), join(settled, errLate)
	}
	l.core.ReportUnseen()
	if len(tasks)+len(threads) > 0 {
		err = join(err, &ShutdownError{namesOf(tasks), threads})
	}
	over = true
	return join(err, waited, settled)
}

// settlePasses is how many more passes the loop runs when all tasks have ended, so that
// the last callbacks are called. asyncio.run runs as many, to shut down generators and
// the default executor.
const settlePasses = 4

var errRunEnds = errors.New("asyncio: Run is ending")

// cancelTasks cancels all tasks, and those that they create meanwhile, until
// none is left. After the grace time, or when the loop can run no more, it names
// what is still there and ends it by force.
func (l *Loop) cancelTasks() (stuck []*engine.Task, err error) {
	if l.core.Live() == 0 {
		return nil, nil
	}
	grace := l.startGrace()
	defer grace.stop()
	for l.core.Live() > 0 && !grace.isUp && err == nil && !l.core.Abandoned {
		err = l.cancelOnce()
	}
	grace.stop()
	since := fmt.Sprintf("%v after it was canceled", grace.length)
	if err != nil || l.core.Abandoned {
		since = "before the loop failed"
	}
	stuck, killed := l.killTasks(since)
	return stuck, join(err, killed)
}

// cancelOnce cancels the tasks that there are, and waits for them.
func (l *Loop) cancelOnce() error {
	tasks := l.tasksByAge()
	defer l.stopWhenDone(tasks...)()
	for _, t := range tasks {
		t.Cancel(errRunEnds)
	}
	return l.core.Run()
}

// hasOthers reports whether there are tasks besides those that are stuck.
func (l *Loop) hasOthers(stuck []*engine.Task) bool {
	for t := range l.core.Tasks {
		if !slices.Contains(stuck, t) {
			return true
		}
	}
	return false
}

func namesOf(tasks []*engine.Task) (names []string) {
	for _, t := range tasks {
		names = append(names, t.Name())
	}
	return names
}

// killTasks reports all tasks, and since when they should have ended, and ends them by
// force, the youngest first: a task that waits for its children then finds them ended.
func (l *Loop) killTasks(since string) (tasks []*engine.Task, err error) {
	tasks = l.tasksByAge()
	defer func() { // runs even if the handler ends the goroutine
		for _, t := range slices.Backward(tasks) {
			l.core.Kill(t)
			err = join(err, l.core.Settle(settlePasses))
		}
	}()
	for _, t := range tasks {
		l.report(ExceptionContext{
			Message: fmt.Sprintf("task %s has not ended %s, and is ended by force", t.Name(), since),
			Task:    infoOf(t), Stack: t.Stack(),
		})
	}
	return tasks, nil
}

// waitForThreads waits for the functions of ToThread, and names those that still run
// after the grace time. The loop runs meanwhile, because these functions may need it.
func (l *Loop) waitForThreads() (names []string, err error) {
	if l.gaveUp {
		return nil, nil
	}
	grace := l.startGrace()
	defer grace.stop()
	defer l.threads.onceNone(l.core.Stop)()
	for l.threads.count() > 0 && !grace.isUp && err == nil {
		err = l.core.Run()
	}
	names, l.gaveUp = l.threads.names(), true
	for _, name := range names {
		l.report(ExceptionContext{Message: "the function in " + name + " still runs after Run has ended: it should return when its context is canceled"})
	}
	return names, err
}

func (l *Loop) tasksByAge() []*engine.Task {
	tasks := slices.Collect(l.core.Tasks)
	slices.SortFunc(tasks, func(a, b *engine.Task) int { return cmp.Compare(a.ID(), b.ID()) })
	return tasks
}

// A graceTime stops the loop when the grace time is over, by the loop's clock or by the
// real one. A virtual clock alone is not enough: it stands still while a task yields for
// ever. And while functions of ToThread run, only the real clock counts, because a
// virtual clock would jump ahead of them.
type graceTime struct {
	loop   *Loop
	length time.Duration
	timer  engine.Timer
	real   *time.Timer         // nil: the time has no end
	posted engine.Subscription // makes the end of real known to the loop
	isUp   bool
}

func (l *Loop) startGrace() *graceTime {
	g := &graceTime{loop: l, length: cmp.Or(l.config.Grace, defaultGrace)}
	if g.length < 0 {
		return g
	}
	g.timer.Set(&l.core, l.core.After(g.length), g)
	g.posted.Init(&l.core, (*graceEnd)(g))
	g.real = time.AfterFunc(g.length, func() { _ = g.posted.Post() })
	return g
}

func (g *graceTime) stop() {
	if g.real == nil {
		return
	}
	g.timer.Stop(&g.loop.core)
	g.real.Stop()
	g.posted.Remove()
}

// Fire is the event that the time is up by the loop's clock.
func (g *graceTime) Fire() {
	if g.loop.threads.count() == 0 {
		(*graceEnd)(g).Fire()
	}
}

// graceEnd is the event that the time is up.
type graceEnd graceTime

func (g *graceEnd) Fire() {
	g.isUp = true
	g.loop.core.Stop()
}

var labelRun = engine.NewLabel("run")

// stopWhenDone makes the loop stop when all the tasks have ended. The function that it
// returns undoes that.
func (l *Loop) stopWhenDone(tasks ...*engine.Task) (takeBack func()) {
	s := newWaitSet(labelRun, len(tasks))
	for i, t := range tasks {
		s.add(&t.Future, i, true)
	}
	s.ended = func(*member) {
		if s.remaining == 0 {
			l.core.Stop()
		}
	}
	s.subscribe()
	return s.unsubscribe
}
