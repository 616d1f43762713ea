package console

import (
	"cmp"
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// hosts are the simulated hosts of a loop, in the order in which they came up first.
type hosts []wire.Host

// note takes in that a host is up, or down.
func (h *hosts) note(r *record, name string) {
	i := slices.IndexFunc(*h, func(o wire.Host) bool { return o.Name == name })
	if i < 0 {
		i = len(*h)
		*h = append(*h, wire.Host{Name: name})
	}
	(*h)[i].Up, (*h)[i].Since = r.kind == engine.HostUp, r.at
}

// hosted notes on which host a task is. A host of which nothing was told before was there
// when the watching began.
func (w *watched) hosted(r *record, host string) {
	w.tallies.of(r.task).host = host
	if !slices.ContainsFunc(w.hosts, func(o wire.Host) bool { return o.Name == host }) {
		w.hosts = append(w.hosts, wire.Host{Name: host, Up: true})
	}
}

// list returns a copy; nil, if there are none.
func (h hosts) list() []wire.Host { return slices.Clone(h) }

// hostsAt are what has to be known of hosts at a time, to understand what came later: who
// was up, and where the tasks were that existed. The records have that time.
func (w *watched) hostsAt(at int64) (b batch) {
	for _, h := range w.hostsUpAt(at) {
		b.add(record{kind: engine.HostUp, at: at}, h, nil)
	}
	var tasks []*tally
	for _, t := range w.tallies.live {
		tasks = append(tasks, t)
	}
	for _, t := range w.tallies.ended {
		if t.ended >= at {
			tasks = append(tasks, t)
		}
	}
	tasks = slices.DeleteFunc(tasks, func(t *tally) bool { return t.host == "" || t.begun >= at && t.begun != 0 })
	slices.SortFunc(tasks, func(x, y *tally) int { return cmp.Compare(x.id, y.id) })
	for _, t := range tasks {
		b.add(record{kind: engine.Hosted, at: at, task: t.id}, t.host, nil)
	}
	return b
}

// hostsUpAt are the names of the hosts that were up at a time. What a host became first
// since then tells what it was.
func (w *watched) hostsUpAt(at int64) (up []string) {
	if len(w.hosts) == 0 {
		return nil
	}
	first := map[string]engine.Kind{}
	for r, text := range w.history.since(at) {
		if (r.kind == engine.HostUp || r.kind == engine.HostDown) && first[text] == 0 {
			first[text] = r.kind
		}
	}
	for _, h := range w.hosts {
		if first[h.Name] == engine.HostDown || first[h.Name] == 0 && h.Up {
			up = append(up, h.Name)
		}
	}
	return up
}
