package asyncio

import (
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A watchdog looks at the loop from outside, for a loop that is stuck cannot
// look at itself. It reports each step that takes too long, once, while it
// lasts.
type watchdog struct {
	loop      *Loop
	threshold time.Duration
	step      uint64 // the step that was seen last
	since     time.Time
	reported  bool
}

// watchStalls starts the watchdog if it is wanted.
func (l *Loop) watchStalls() (stop func()) {
	threshold := l.config.SlowStep
	if threshold == 0 && l.core.Debug {
		threshold = defaultSlowStep
	}
	if threshold == 0 {
		return func() {}
	}
	pulse := new(engine.Pulse)
	l.core.Watch(l.core.Observer, pulse)
	d := &watchdog{loop: l, threshold: threshold}
	over, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		d.watch(pulse, over)
	}()
	return func() {
		close(over)
		<-stopped
		l.core.Watch(l.core.Observer, nil)
	}
}

func (d *watchdog) watch(p *engine.Pulse, over <-chan struct{}) {
	tick := time.NewTicker(max(d.threshold/8, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case now := <-tick.C:
			d.look(p, now)
		}
	}
}

func (d *watchdog) look(p *engine.Pulse, now time.Time) {
	step, t, thread := p.Read()
	if thread == 0 || step != d.step || d.since.IsZero() {
		d.step, d.since, d.reported = step, now, false
		return
	}
	if d.reported || now.Sub(d.since) < d.threshold {
		return
	}
	stack := coro.Stack(thread)
	if again, _, thread := p.Read(); again != step || thread == 0 {
		return // the loop went on meanwhile, so the stack is of another step
	}
	d.reported = true
	d.loop.report(stallOf(t, stack, now.Sub(d.since)))
}

func stallOf(t *engine.Task, stack []byte, d time.Duration) ExceptionContext {
	c := ExceptionContext{Stack: stack, Duration: d}
	who := "a callback"
	if t != nil {
		who = "task " + t.Name()
		c.Task = TaskInfo{ID: t.ID(), Name: t.Name(), Parent: t.Parent(), State: TaskRunning, Created: t.Created()}
	}
	c.Message = fmt.Sprintf("%s has kept the loop for %v without suspending: nothing else can run; move blocking work to ToThread", who, d.Round(time.Millisecond))
	return c
}
