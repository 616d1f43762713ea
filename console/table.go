package console

import (
	"slices"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// A table is the lines of the tasks as clients have them, to tell these no more than
// what has changed.
type table struct {
	version uint64 // of the lines; each update makes a new one
	rows    map[uint64]row
	changed []*wire.Task // by the last update
	told    []wire.Task  // the same as clients get them, once one wants them
	gone    []uint64     // by the last update
}

type row struct {
	task    *wire.Task // among the newest lines, which never change
	version uint64     // the last update that had it
}

// update takes the lines of a new snapshot.
func (t *table) update(tasks []wire.Task) {
	t.version++
	if t.rows == nil {
		t.rows = make(map[uint64]row, len(tasks))
	}
	clear(t.changed)
	t.changed, t.told, t.gone = t.changed[:0], nil, []uint64{}
	for i := range tasks {
		line := &tasks[i]
		if r := t.rows[line.ID]; r.task == nil || !sameTask(r.task, line) {
			t.changed = append(t.changed, line)
		}
		t.rows[line.ID] = row{line, t.version}
	}
	for id, r := range t.rows {
		if r.version != t.version {
			delete(t.rows, id)
			t.gone = append(t.gone, id)
		}
	}
	slices.Sort(t.gone)
}

// changes returns the lines that the last update has changed.
func (t *table) changes() []wire.Task {
	if t.told == nil {
		t.told = make([]wire.Task, len(t.changed))
		for i, line := range t.changed {
			t.told[i] = *line
		}
	}
	return t.told
}

// sameTask reports whether two lines of a task say the same. Times do not count: they
// are converted anew for each snapshot, and differ by some microseconds then. A task
// whose times really change makes steps, or changes its state.
func sameTask(a, b *wire.Task) bool {
	return a.Steps == b.Steps && a.State == b.State && sameWait(a.Wait, b.Wait) && a.By == b.By &&
		(a.Canceled == 0) == (b.Canceled == 0) && len(a.Created) == len(b.Created) &&
		a.Name == b.Name && a.Parent == b.Parent && a.Group == b.Group && a.Host == b.Host && a.Outcome == b.Outcome
}

func sameWait(a, b *wire.Wait) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Obj == b.Obj && a.Name == b.Name && a.Text == b.Text &&
		(a.Until == 0) == (b.Until == 0) && slices.Equal(a.By, b.By)
}
