package trace

import (
	"maps"
	"slices"
	"strings"
)

// A past is what has to be known of a loop's dropped records to understand those that
// come after them: which tasks there are, how they are called and what they do.
// It grows with the number of tasks that live, not with time.
type past struct {
	dropped uint64           // events
	at      int64            // when the last of them was
	tasks   map[uint64]known // without those in recent
	recent  [256]known       // by the last digits of their numbers: most records are about the same few tasks, and most tasks do not live for long
	groups  map[uint64]*known
	rows    map[string]*known // by kind and name
	objects generations
}

// A known is the record that tells of something that is still there, and its text.
type known struct {
	record
	name string
}

// objectsKept is how many names of objects are kept at least. Which objects are gone,
// nobody tells.
const objectsKept = 1 << 14

// generations is a map that forgets what was not put into it lately.
type generations struct{ young, old map[uint64]*known }

func (g *generations) put(key uint64, k *known) {
	if g.young == nil {
		g.young = map[uint64]*known{}
	}
	if g.young[key] = k; len(g.young) == objectsKept {
		g.young, g.old = nil, g.young
	}
}

func newPast() *past {
	return &past{tasks: map[uint64]known{}, groups: map[uint64]*known{}, rows: map[string]*known{}}
}

// drop takes a block that the recording no longer has.
func (p *past) drop(b *block) {
	p.dropped += b.events()
	for i := range b.records {
		p.fold(b, &b.records[i])
	}
}

func (p *past) fold(b *block, r *record) {
	switch {
	case r.kind == site:
		return
	case r.kind == Spawned || r.kind == Present || r.kind == Holding:
		p.arrive(b, r)
	case r.kind == Waits:
		p.task(r.task).waits(r)
	case r.kind == Yields || r.kind == Woken:
		p.task(r.task).waits(&record{})
	case r.kind.isEnd():
		p.end(r.task)
	case r.kind == Opened:
		p.groups[r.arg] = &known{*r, b.text(r)}
	case r.kind == Left:
		delete(p.groups, r.arg)
	case r.kind == Named:
		p.objects.put(r.arg, &known{*r, b.text(r)})
	case r.kind == Began:
		p.rows[rowKey(b, r)] = &known{*r, b.text(r)}
	case r.kind == Finished:
		delete(p.rows, rowKey(b, r))
	}
	p.at = max(p.at, r.at)
}

// rowKey tells a row from others.
func rowKey(b *block, r *record) string {
	name, _ := cutRow(b.text(r))
	return string(rune(r.label)) + name
}

// cutRow takes the text of a row's record apart.
func cutRow(text string) (name, failure string) {
	name, failure, _ = strings.Cut(text, "\n")
	return name, failure
}

// arrive notes a task.
func (p *past) arrive(b *block, r *record) {
	k := p.task(r.task)
	if r.kind == Holding {
		return
	}
	k.arg, k.n, k.name = r.arg, r.n, b.text(r)
	if r.kind == Present {
		k.label, k.from = r.label, r.from
	}
}

// task returns what is known of a task, until it is called again.
func (p *past) task(id uint64) *known {
	k := &p.recent[id%256]
	if k.kind != 0 && k.task == id {
		return k
	}
	p.settle(k)
	if old, ok := p.tasks[id]; ok {
		delete(p.tasks, id)
		*k = old
	} else {
		*k = known{record: record{kind: Present, task: id}}
	}
	return k
}

// settle makes room among the recent tasks.
func (p *past) settle(k *known) {
	if k.kind != 0 {
		p.tasks[k.task] = *k
		*k = known{}
	}
}

// end forgets a task.
func (p *past) end(id uint64) {
	if k := &p.recent[id%256]; k.kind != 0 && k.task == id {
		*k = known{}
	} else {
		delete(p.tasks, id)
	}
}

// waits notes what a task waits for: the label says that it does.
func (k *known) waits(r *record) { k.label, k.from = r.label, int64(r.arg) }

// blocks returns what is known as records with which a recording of the loop can begin.
func (p *past) blocks(loop int) (blocks []*block) {
	add := func(k *known) {
		if n := len(blocks); n == 0 || len(blocks[n-1].records) == mostInPast {
			blocks = append(blocks, &block{loop: loop})
		}
		b := blocks[len(blocks)-1]
		r := k.record
		r.at, r.text = p.at, b.note(k.name)
		if r.kind != Present {
			r.from = 0
		}
		b.records = append(b.records, r)
	}
	for _, all := range []map[uint64]*known{p.groups, p.objects.old, p.objects.young} {
		for _, key := range slices.Sorted(maps.Keys(all)) {
			add(all[key])
		}
	}
	for i := range p.recent {
		p.settle(&p.recent[i])
	}
	for _, key := range slices.Sorted(maps.Keys(p.tasks)) {
		k := p.tasks[key]
		add(&k)
	}
	for _, key := range slices.Sorted(maps.Keys(p.rows)) {
		add(p.rows[key])
	}
	return blocks
}

// mostInPast is how many records such a block has: about as many as others.
const mostInPast = 500
