package trace

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A past is what is kept of a loop's dropped events: how many they were, and which of
// them tell of something that has a name or is still open. Everything else that one needs
// to understand later events is in these events, or the loop tells it when a Recording is
// taken. A past grows with the number of tasks, groups, rows and hosts that exist, and not
// with time.
type past struct {
	dropped uint64
	at      time.Duration // until when they were, in the loop's time
	tasks   map[uint64]known
	groups  map[uint64]known
	rows    map[string]known // by kind and name
	objects generations
	hosted  map[uint64]known // by task
	hosts   []known          // whether they are up, in the order in which they came
}

// A known is the record that tells of something that is still there, and its text.
type known struct {
	record
	name string
}

// objectsKept is how many names of objects are kept at least. There is a limit because no
// event tells which objects are gone.
const objectsKept = 1 << 14

// generations is a map that forgets what was not put into it lately.
type generations struct{ young, old map[uint64]known }

func (g *generations) put(key uint64, k known) {
	if g.young == nil {
		g.young = map[uint64]known{}
	}
	if g.young[key] = k; len(g.young) == objectsKept {
		g.young, g.old = nil, g.young
	}
}

func newPast() *past {
	return &past{tasks: map[uint64]known{}, groups: map[uint64]known{}, rows: map[string]known{}, hosted: map[uint64]known{}}
}

func (p *past) clone() *past {
	q := *p
	q.tasks, q.groups, q.rows = maps.Clone(p.tasks), maps.Clone(p.groups), maps.Clone(p.rows)
	q.hosted, q.hosts = maps.Clone(p.hosted), slices.Clone(p.hosts)
	q.objects.young = maps.Clone(p.objects.young) // the old one is not changed
	return &q
}

// drop takes a chunk that the ring no longer has. The loop waits meanwhile.
func (p *past) drop(c *engine.Chunk) {
	p.dropped += uint64(c.Events())
	p.at = max(p.at, c.End()) // its records are not in the cache any more
	c.Notable(func(h engine.Happening) bool {
		p.fold(h)
		return true
	})
}

func (p *past) fold(h engine.Happening) {
	k := known{record{kind: Kind(h.Kind), task: h.Task, arg: h.Arg, n: h.N, label: uint8(h.Label)}, shorten(h.Text)}
	switch {
	case k.kind == Spawned || k.kind == Present:
		if k.name != "" {
			k.kind = Present
			p.tasks[k.task] = k
		}
	case k.kind == Ends || k.kind.isEnd():
		delete(p.tasks, k.task)
		delete(p.hosted, k.task)
	case k.kind == Hosted:
		p.hosted[k.task] = k
	case k.kind == HostUp || k.kind == HostDown:
		p.host(k)
	case k.kind == Opened:
		p.groups[k.arg] = k
	case k.kind == Left:
		delete(p.groups, k.arg)
	case k.kind == Named:
		p.objects.put(k.arg, k)
	case k.kind == Began:
		p.rows[k.row()] = k
	case k.kind == Finished:
		delete(p.rows, k.row())
	}
}

// host notes whether a host is up.
func (p *past) host(k known) {
	i := slices.IndexFunc(p.hosts, func(h known) bool { return h.name == k.name })
	if i < 0 {
		p.hosts = append(p.hosts, k)
	} else {
		p.hosts[i] = k
	}
}

// row returns the kind and the name of a row, which tell it from other rows.
func (k *known) row() string {
	name, _ := cutRow(k.name)
	return string(rune(k.label)) + name
}

// cutRow takes the text of a row's record apart.
func cutRow(text string) (name, more string) {
	name, more, _ = strings.Cut(text, "\n")
	return name, more
}

// begin returns the blocks with which a recording begins, before the later ones. s is the
// state of the loop after the later ones; nil: it is not known.
func (p *past) begin(one *recorded, later []*block, s *engine.Snapshot) (blocks []*block) {
	l := learn(one.number, later)
	for id, k := range p.tasks { // they have not ended
		k.label = uint8(something)
		p.tasks[id] = k
	}
	for id, k := range l.were {
		if named, ok := p.tasks[id]; ok && k.name == "" {
			k.arg, k.n, k.name = named.arg, named.n, named.name
		}
		p.tasks[id] = k
	}
	if s != nil {
		p.learn(s, l)
	}
	add := func(k known) {
		if n := len(blocks); n == 0 || len(blocks[n-1].records) == mostInPast {
			blocks = append(blocks, &block{loop: one.number})
		}
		b := blocks[len(blocks)-1]
		r := k.record
		r.at, r.text = one.time(p.at), b.note(k.name)
		b.records = append(b.records, r)
	}
	for _, all := range []map[uint64]known{p.groups, p.objects.old, p.objects.young, p.tasks} {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			add(all[key])
		}
	}
	for _, h := range p.hosts {
		add(h)
	}
	for _, task := range slices.Sorted(maps.Keys(p.hosted)) {
		if _, known := p.tasks[task]; known {
			add(p.hosted[task])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(p.rows)) {
		add(p.rows[key])
	}
	return blocks
}

// mostInPast is how many records such a block has: about as many as others.
const mostInPast = 500

// learn adds what the loop still has and what was there already when the recording
// begins.
func (p *past) learn(s *engine.Snapshot, l learned) {
	for i := range s.Tasks {
		v := s.Tasks[i]
		if l.came[v.ID] {
			continue
		}
		k := known{record: record{kind: Present, task: v.ID, arg: v.Parent, n: v.Group}}
		if v.Name != defaultName(v.ID) {
			k.name = shorten(v.Name)
		}
		if was, ok := l.were[v.ID]; ok {
			k.label, k.from = was.label, was.from
		} else if v.State == engine.TaskWaiting {
			k.label, k.from = uint8(v.Wait.Label), int64(v.Wait.Number)
		}
		p.tasks[v.ID] = k
	}
	for i := range s.Groups {
		v := &s.Groups[i]
		if number := uint64(v.Number); !v.Timeout && !l.opened[number] {
			p.groups[number] = known{record{kind: Opened, task: v.Owner, arg: number, n: v.Parent}, shorten(v.Name)}
		}
	}
	for i := range s.Objects {
		if v := &s.Objects[i]; v.Name != "" && !l.named[v.Number] {
			p.objects.put(v.Number, known{record{kind: Named, arg: v.Number, label: uint8(v.Kind)}, shorten(v.Name)})
		}
	}
}

// learned is what can be concluded from blocks about the time before them.
type learned struct {
	were   map[uint64]known // tasks that were there, and did something later
	came   map[uint64]bool  // tasks that were not
	opened map[uint64]bool  // groups that were not
	named  map[uint64]bool  // objects that have got their names later
}

// learn reads what the blocks of a loop say.
func learn(loop int, later []*block) learned {
	l := learned{map[uint64]known{}, map[uint64]bool{}, map[uint64]bool{}, map[uint64]bool{}}
	for _, b := range later {
		if b.loop != loop {
			continue
		}
		for i := range b.records {
			l.learn(b, &b.records[i])
		}
	}
	return l
}

func (l *learned) learn(b *block, r *record) {
	switch r.kind {
	case Opened:
		l.opened[r.arg] = true
	case Named:
		l.named[r.arg] = true
	case site, Began, Finished: // of rows, the order is not that of the loop
		return
	}
	if _, ok := l.were[r.task]; ok || r.task == 0 || l.came[r.task] {
		return
	}
	switch r.kind {
	case Spawned:
		l.came[r.task] = true
	case Present: // it says what for it has waited until now
		l.were[r.task] = known{*r, b.text(r)}
	case Woken: // so it has waited
		l.were[r.task] = known{record: record{kind: Present, task: r.task, label: uint8(something)}}
	default:
		l.were[r.task] = known{record: record{kind: Present, task: r.task}}
	}
}

// something stands for what a task has waited for, if that is not known.
var something = engine.NewLabel("something")
