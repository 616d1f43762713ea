package subprocess

import (
	"os"

	"github.com/asyncio-go/asyncio/internal/door"
)

// An exitWatch sets exited when the process has ended.
type exitWatch interface {
	// reap takes the exit status after that.
	reap() (*os.ProcessState, error)
	// stop ends the watch.
	stop()
}

func (p *process) watchExit() exitWatch {
	if w := watchHandle(p); w != nil {
		return w
	}
	return watchInThread(p)
}

// A threadWatch waits on a goroutine, which holds a thread: for systems that
// cannot say of a process that it has ended, as they do of a descriptor that it
// can be read.
type threadWatch struct {
	process *process
	state   *os.ProcessState
	err     error
}

func watchInThread(p *process) *threadWatch {
	w := &threadWatch{process: p}
	door.CountOutside(p.loop, 1)
	go func() {
		defer door.CountOutside(p.loop, -1)
		w.state, w.err = p.os.Wait()
		_ = p.loop.Post(w) // a loop that has ended has abandoned the process
	}()
	return w
}

// Fire is the event that the process has ended.
func (w *threadWatch) Fire() { w.process.exited.Set() }

func (w *threadWatch) reap() (*os.ProcessState, error) { return w.state, w.err }

func (w *threadWatch) stop() {}
