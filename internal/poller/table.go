//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"fmt"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A table knows the watcher of each descriptor. What the system has reported
// of a descriptor that was closed meanwhile, and perhaps opened anew, is told
// from news by its generation.
type table struct {
	watched []watched // by descriptor; the system keeps them small
	count   int
	last    int32 // the last generation
}

type watched struct {
	watcher    engine.Watcher // nil: not watched
	generation int32
}

// mayWatch reports whether w watches fd already. Of two watchers, one would
// miss what the other is told.
func (t *table) mayWatch(fd int, w engine.Watcher) (already bool, err error) {
	if fd < 0 {
		return false, fmt.Errorf("asyncio: cannot wait for descriptor %d: it is closed", fd)
	}
	if fd >= len(t.watched) || t.watched[fd].watcher == nil {
		return false, nil
	}
	if t.watched[fd].watcher != w {
		return false, fmt.Errorf("asyncio: descriptor %d is watched already, by a stream or a callback: duplicate it, or remove the other first", fd)
	}
	return true, nil
}

func (t *table) add(fd int, w engine.Watcher) {
	for fd >= len(t.watched) {
		t.watched = append(t.watched, watched{})
	}
	t.last++
	t.watched[fd] = watched{w, t.last}
	t.count++
}

func (t *table) remove(fd int) {
	t.watched[fd].watcher = nil
	t.count--
}

func (t *table) generation(fd int) int32 { return t.watched[fd].generation }

func (t *table) tell(fd int, generation int32, r engine.Readiness) {
	if w := &t.watched[fd]; w.watcher != nil && w.generation == generation {
		w.watcher.Ready(r)
	}
}

// close tells all watchers that the loop has ended.
func (t *table) close() {
	for fd := range t.watched {
		if w := t.watched[fd].watcher; w != nil {
			t.remove(fd)
			w.LoopClosed()
		}
	}
}
