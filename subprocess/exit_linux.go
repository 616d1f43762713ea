package subprocess

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A handleWatch lets the loop's poller watch the pidfd of a process, which can
// be read when the process has ended.
type handleWatch struct {
	process *process
	fd      int // -1: closed
}

// watchHandle returns nil if there is no pidfd (before Linux 5.4, and where a
// sandbox forbids it), or the poller cannot watch it.
func watchHandle(p *process) exitWatch {
	w := &handleWatch{p, -1}
	err := p.os.WithHandle(func(handle uintptr) {
		w.fd, _ = unix.FcntlInt(handle, unix.F_DUPFD_CLOEXEC, 0)
	})
	if err != nil || w.fd < 0 {
		return nil
	}
	if err := p.loop.WatchDescriptor(w.fd, engine.Readable, true, w); err != nil {
		unix.Close(w.fd)
		return nil
	}
	p.loop.CountOutside(1)
	return w
}

// Ready makes a handleWatch an engine.Watcher.
func (w *handleWatch) Ready(engine.Readiness) { w.process.exited.Set() }

// LoopClosed makes a handleWatch an engine.Watcher.
func (w *handleWatch) LoopClosed() { w.close() }

func (w *handleWatch) reap() (*os.ProcessState, error) { return w.process.os.Wait() }

func (w *handleWatch) stop() {
	if w.fd >= 0 {
		_ = w.process.loop.UnwatchDescriptor(w.fd)
		w.close()
	}
}

func (w *handleWatch) close() {
	w.process.loop.CountOutside(-1)
	unix.Close(w.fd)
	w.fd = -1
}
