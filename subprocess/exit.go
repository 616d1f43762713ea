package subprocess

import (
	"os"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// An exitWatch sets exited when the process has ended.
type exitWatch interface {
	// reap takes the exit status, once exited is set.
	reap() (*os.ProcessState, error)
	// stop ends the watch.
	stop()
}

func (p *process) watchExit() exitWatch {
	if w := watchHandle(p); w != nil {
		return w
	}
	if p.group != nil {
		return watchGroupInThread(p)
	}
	return watchInThread(p)
}

// A threadWatch waits for the process on a goroutine, which occupies a thread. It is for
// systems on which the loop's poller cannot watch a process.
type threadWatch struct {
	engine.Call[*os.ProcessState]
	process *process
}

func watchInThread(p *process) *threadWatch {
	w := &threadWatch{process: p}
	w.Start(p.loop, w, p.os.Wait)
	return w
}

// Fire is the event that the process has ended.
func (w *threadWatch) Fire() { w.process.exited.Set() }

// Drop has nothing to do: a loop that has ended has abandoned the process.
func (w *threadWatch) Drop() {}

func (w *threadWatch) reap() (*os.ProcessState, error) { return w.Value, w.Err }

func (w *threadWatch) stop() {}
