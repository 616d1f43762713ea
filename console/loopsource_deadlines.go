package console

import (
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// deadlines finds out when a wait ends by itself. Not only its own timer can end it: so
// can a timeout that the task has open, and a timeout around the task's group.
type deadlines struct {
	now    time.Duration
	scopes []engine.GroupView // those of a task lie together, innermost first
	own    map[uint64]int     // the first of them, by task
	group  map[uint32]int
	tasks  map[uint64]uint32        // the group that a task is a child of, if it has a group of its own
	above  map[uint32]time.Duration // the answers of around
}

func newDeadlines(v *engine.Snapshot) *deadlines {
	d := &deadlines{
		now: v.At, scopes: v.Groups, own: map[uint64]int{}, group: map[uint32]int{},
		tasks: map[uint64]uint32{}, above: map[uint32]time.Duration{},
	}
	for i := range v.Groups {
		g := &v.Groups[i]
		if _, known := d.own[g.Owner]; !known {
			d.own[g.Owner] = i
		}
		if !g.Timeout {
			d.group[g.Number] = i
		}
	}
	for _, t := range v.Tasks {
		if _, owns := d.own[t.ID]; owns {
			d.tasks[t.ID] = t.Group
		}
	}
	return d
}

// of returns when the wait of a task ends by itself; 0: it does not.
func (d *deadlines) of(t *engine.TaskView) time.Duration {
	end := d.sooner(time.Duration(t.Until), d.around(t.Group))
	if first, has := d.own[t.ID]; has {
		end = d.sooner(end, d.from(first, t.ID))
	}
	return end
}

// from returns the first deadline of a task's scopes, from one of them outwards.
func (d *deadlines) from(i int, task uint64) (end time.Duration) {
	for ; i < len(d.scopes) && d.scopes[i].Owner == task; i++ {
		end = d.sooner(end, d.scopes[i].Deadline)
	}
	return end
}

// around returns the first deadline of a group and of what stands around it.
func (d *deadlines) around(number uint32) time.Duration {
	i, known := d.group[number]
	if number == 0 || !known {
		return 0
	}
	if end, known := d.above[number]; known {
		return end
	}
	d.above[number] = 0 // should two stand around each other, the search ends
	owner := d.scopes[i].Owner
	end := d.sooner(d.from(i, owner), d.around(d.tasks[owner]))
	d.above[number] = end
	return end
}

// sooner returns the earlier of two deadlines. A deadline that has passed without ending
// the wait counts as none.
func (d *deadlines) sooner(a, b time.Duration) time.Duration {
	if a <= d.now {
		a = 0
	}
	if b <= d.now {
		b = 0
	}
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}
