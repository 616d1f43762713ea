package asyncio

import (
	"os"
	"os/signal"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ignoredAtStart says that the program was started with Ctrl-C ignored, as a shell script
// starts programs in the background. Then Ctrl-C has no default action: no one in this
// process can make it end the program.
var ignoredAtStart = isIgnored(os.Interrupt)

// watchInterrupts makes the first Ctrl-C cancel the task and set interrupted, and the
// second end the program. If Ctrl-C is ignored, it does nothing.
func (l *Loop) watchInterrupts(t *engine.Task, interrupted *bool) (stop func()) {
	if ignoredAtStart || caught.ignored(os.Interrupt) {
		return func() {}
	}
	count := 0
	c := catchSignal(os.Interrupt, func() {
		if count++; count > 1 {
			die()
		}
		_ = l.core.Post(interrupt{t, interrupted})
	})
	l.catching++
	return func() {
		l.catching--
		c.stop()
	}
}

type interrupt struct {
	task *engine.Task
	note *bool
}

func (i interrupt) Fire() { *i.note = i.task.Cancel(ErrInterrupted) }

// die ends the program as Ctrl-C does when no one handles it.
func die() {
	signal.Reset(os.Interrupt)
	if p, err := os.FindProcess(os.Getpid()); err == nil && p.Signal(os.Interrupt) == nil {
		time.Sleep(time.Second) // the signal is on its way, unless someone else has blocked it
	}
	os.Exit(130) // reached where a process cannot signal itself, too
}
