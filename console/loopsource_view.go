package console

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// view converts a snapshot of the engine.
func (s *loopSource) view(v *engine.Snapshot, more *besides) *view {
	s.keepWaiting(v)
	n := &view{stranded: v.Stranded}
	n.rest = restedUntil{since: s.at(v.Traced), at: s.at(v.Begun), slept: int64(v.Slept)}
	n.At, n.Pass = s.at(v.At), [2]uint64{v.From, v.To}
	n.Tasks = s.tasks(v)
	for i := range v.Groups {
		n.Groups = append(n.Groups, s.group(&v.Groups[i]))
	}
	for i := range v.Objects {
		n.Objects = append(n.Objects, s.object(&v.Objects[i]))
	}
	for i := range v.Timers {
		t := &v.Timers[i]
		n.Timers = append(n.Timers, wire.Timer{At: s.at(t.At), For: t.For.Label.String(), Task: t.Task})
	}
	n.Stats = wire.Stats{
		Passes: v.Stats.Passes, Ready: v.Stats.Ready, Live: v.Stats.Live,
		Workers: v.Stats.Workers, Timers: v.Stats.Timers, Watched: v.Stats.Watched,
	}
	n.pools = func() []wire.Pool { return s.pools(more.pools) }
	n.Pools = n.pools()
	for _, u := range more.unseen {
		n.unseen = append(n.unseen, unseen{task: u.Task, name: u.Name, err: u.Text, at: n.At, reported: u.Reported})
	}
	return n
}

// keepWaiting keeps the lines of tasks that wait for others: only these can be part of a
// deadlock.
func (s *loopSource) keepWaiting(v *engine.Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.newest)
	s.newest = s.newest[:0]
	for _, t := range v.Tasks {
		if len(t.By) > 0 {
			s.newest = append(s.newest, *t)
		}
	}
}

func (s *loopSource) pools(all []engine.Pool) (now []wire.Pool) {
	for i, p := range all {
		now = append(now, s.pool(i, p.State()))
	}
	return now
}

// pool converts the state of a pool. A pool uses the clock of the machine; the loop may
// use another.
func (s *loopSource) pool(i int, p engine.PoolState) wire.Pool {
	w := wire.Pool{Name: fmt.Sprintf("pool %d", i+1), Workers: p.Workers, Size: p.Size, Busy: p.Busy, Queued: p.Queued}
	if !p.Oldest.IsZero() {
		w.Oldest = s.now() - int64(time.Since(p.Oldest))
	}
	return w
}

func (s *loopSource) group(g *engine.GroupView) wire.Group {
	kind := "group"
	if g.Timeout {
		kind = "timeout"
	}
	return wire.Group{
		ID: uint64(g.Number), Kind: kind, Name: g.Name, Owner: g.Owner, Parent: uint64(g.Parent),
		Limit: g.Limit, Running: g.Running, Held: g.Held, Deadline: s.known(g.Deadline),
		Children: g.Children, Errors: g.Errors,
	}
}

func (s *loopSource) object(o *engine.ObjectView) wire.Object {
	return wire.Object{
		ID: o.Number, Kind: o.Kind.String(), Name: o.Name, Holder: o.Holder, Since: s.known(o.Since),
		Len: o.Len, Cap: o.Cap, Waiters: o.Waiters,
	}
}

// tasks converts the tasks of a snapshot.
func (s *loopSource) tasks(v *engine.Snapshot) []wire.Task {
	objects := make(map[uint64]*engine.ObjectView, len(v.Objects))
	for i := range v.Objects {
		objects[v.Objects[i].Number] = &v.Objects[i]
	}
	ends := newDeadlines(v)
	tasks := make([]wire.Task, 0, len(v.Tasks))
	waits := make([]wire.Wait, 0, len(v.Tasks)) // together, for there are many
	for _, t := range v.Tasks {
		if t.State == engine.TaskDone {
			continue
		}
		n := s.task(t)
		if t.State == engine.TaskWaiting {
			waits = append(waits, s.wait(t, objects))
			n.Wait = &waits[len(waits)-1]
			if end := ends.of(t); end != 0 {
				n.Wait.Until = s.at(end)
			}
		}
		tasks = append(tasks, n)
	}
	return tasks
}

var states = [...]string{
	engine.TaskHeld: wire.Held, engine.TaskReady: wire.Ready, engine.TaskRunning: wire.Running,
	engine.TaskWaiting: wire.Waiting, engine.TaskDone: wire.Done,
}

func (s *loopSource) task(t *engine.TaskView) wire.Task {
	n := wire.Task{
		ID: t.ID, Name: t.Name, Parent: t.Parent, Group: uint64(t.Group), State: states[t.State],
		Since: s.known(t.Since), Steps: t.Steps,
		Busy: int64(t.Busy), Ready: int64(max(t.Ready, 0)), Waiting: int64(max(t.Waiting, 0)), Longest: int64(t.Longest),
		Canceled: s.known(t.Asked),
	}
	if n.State == wire.Ready {
		n.By = t.WokenBy.Label.String()
	}
	return n
}

// wait says what a task waits for.
func (s *loopSource) wait(t *engine.TaskView, objects map[uint64]*engine.ObjectView) wire.Wait {
	text := t.Text
	if t.Wait.Label == engine.LabelSleep && t.Wait.Number != 0 {
		text = sleepText(t.Wait.Number)
	}
	w := wire.Wait{Kind: t.Wait.Label.String(), Text: text, Since: s.known(t.Since), By: t.By}
	empty(&w.By)
	if o := objects[t.Wait.Number]; o != nil && isObject(t.Wait.Label) {
		w.Obj, w.Name = o.Number, o.Name
	} else {
		w.Name = quoted(strings.TrimPrefix(strings.TrimPrefix(text, w.Kind), ":")) // the colon is that of a select
	}
	return w
}

// quoted is what stands in quotes in a text, or the text.
func quoted(text string) string {
	text = strings.TrimSpace(text)
	if name, err := strconv.Unquote(text); err == nil {
		return name
	}
	return text
}
