//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"fmt"
	"math"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A table knows the watcher of each descriptor. Each watch has a generation. It shows
// whether a report of the system is about this watch, or about a descriptor with the same
// number that was closed meanwhile.
type table struct {
	watched []watched // indexed by descriptor; the system keeps descriptors small
	count   int       // how many descriptors are watched
	always  []int     // the descriptors that are always ready, so that the system does not watch them
	last    int32     // the last generation
}

type watched struct {
	watcher    engine.Watcher // nil: not watched
	generation int32
	edge       bool
}

// mayWatch reports whether w watches fd already. It returns an error if another watcher
// does: only one of the two would be told.
func (t *table) mayWatch(fd int, w engine.Watcher) (already bool, err error) {
	if fd < 0 || fd > math.MaxInt32 { // the system would look at the lower half
		return false, fmt.Errorf("asyncio: cannot wait for descriptor %d: %w", fd, unix.EBADF)
	}
	if fd >= len(t.watched) || t.watched[fd].watcher == nil {
		return false, nil
	}
	if t.watched[fd].watcher != w {
		return false, fmt.Errorf("asyncio: descriptor %d is watched already, by a stream or a callback: duplicate it, or remove the other first", fd)
	}
	return true, nil
}

// next returns the generation that the next call of add gives.
func (t *table) next() int32 { return t.last + 1 }

// add is for a descriptor that the system has taken: it makes the table as large
// as the descriptor is.
func (t *table) add(fd int, edge bool, w engine.Watcher) {
	for fd >= len(t.watched) {
		t.watched = append(t.watched, watched{})
	}
	t.last++
	t.watched[fd] = watched{w, t.last, edge}
	t.count++
}

func (t *table) remove(fd int) {
	t.watched[fd].watcher = nil
	t.count--
	t.setAlways(fd, false)
}

func (t *table) generation(fd int) int32 { return t.watched[fd].generation }

func (t *table) tell(fd int, generation int32, r engine.Readiness) {
	if w := &t.watched[fd]; w.watcher != nil && w.generation == generation {
		w.watcher.Ready(r)
	}
}

// setAlways notes whether a descriptor is always ready, without a report of the system.
func (t *table) setAlways(fd int, always bool) {
	switch i := slices.Index(t.always, fd); {
	case always && i < 0:
		t.always = append(t.always, fd)
	case !always && i >= 0:
		t.always = slices.Delete(t.always, i, i+1)
	}
}

// tellAlways tells the watchers of descriptors that are always ready; watchers that want
// to hear only of changes hear it once.
func (t *table) tellAlways(r engine.Readiness) {
	for _, fd := range slices.Clone(t.always) { // a watcher may end its watch
		w := t.watched[fd]
		if w.edge {
			t.setAlways(fd, false)
		}
		t.tell(fd, w.generation, r)
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
