package trace

import (
	"iter"
	"slices"
	"strconv"
	"time"
)

// A Recording is what one or several loops did. It never changes. Any goroutine may call
// its methods; none of them suspends.
type Recording struct {
	program string
	version string // of Go
	start   time.Time
	length  time.Duration
	loops   []loopInfo
	labels  []string // by number, from 1
	blocks  []*block
	places  places
	lost    uint64 // events that no block ever had, and those of loops of which there are none
}

// A loopInfo is what a recording says of one loop.
type loopInfo struct {
	number  int
	dropped uint64
	ended   bool          // the loop was closed, or is no longer recorded
	last    time.Duration // when its last event was
	running uint64        // the task whose step had not ended; 0: there was none
	since   time.Duration // when that has begun, at the latest
	asleep  bool          // it waited for the world, since then
}

// Start returns the time from which the times of all events count. It is the time at
// which the recorder met its first loop, by the clock of that loop. If there was no loop,
// it is the beginning of 1970.
func (r *Recording) Start() time.Time { return r.start }

// Length returns how long after Start the recording was taken or, if all loops have
// ended, how long after Start the last event was.
func (r *Recording) Length() time.Duration { return r.length }

// Dropped returns how many events are lost, because the recorder's ring was full. They
// are the oldest events; the recording begins with what is known of the tasks that
// existed after them. See [Size].
func (r *Recording) Dropped() (n uint64) {
	n = r.lost
	for _, l := range r.loops {
		n += l.dropped
	}
	return n
}

// Loops returns the numbers of the loops that were recorded, which count from 1 in the
// order in which the recorder met them.
func (r *Recording) Loops() (numbers []int) {
	for _, l := range r.loops {
		numbers = append(numbers, l.number)
	}
	return numbers
}

// Events returns the events, in the order in which each loop wrote them. The event of a
// step comes when the step has ended, after the events that happened in it. Events of
// threads come when the loop heard of them.
func (r *Recording) Events() iter.Seq[Event] {
	return func(yield func(Event) bool) {
		d := decoder{recording: r}
		for _, b := range r.blocks {
			for i := 0; i < len(b.records); {
				var e Event
				e, i = d.event(b, i)
				if e.Kind != 0 && !yield(e) {
					return
				}
			}
		}
	}
}

// A decoder turns records into events. It remembers how things are called.
type decoder struct {
	recording *Recording
	loops     map[int]*names
}

// names are those of one loop.
type names struct {
	tasks, objects map[uint64]string
	seen           map[uint64]bool // tasks of which the recording has told
}

func (d *decoder) namesOf(loop int) *names {
	n := d.loops[loop]
	if n == nil {
		if d.loops == nil {
			d.loops = map[int]*names{}
		}
		n = &names{tasks: map[uint64]string{}, objects: map[uint64]string{}, seen: map[uint64]bool{}}
		d.loops[loop] = n
	}
	return n
}

// task returns the name of a task. A task without a name gets one that is made from its
// number.
func (n *names) task(id uint64) string {
	if name := n.tasks[id]; name != "" || id == 0 {
		return name
	}
	return defaultName(id)
}

// defaultName returns the name of a task that was given no name.
func defaultName(id uint64) string { return "Task-" + strconv.FormatUint(id, 10) }

// event returns the event that begins with a record, and the index of the next one.
func (d *decoder) event(b *block, i int) (e Event, next int) {
	r := &b.records[i]
	next = i + 1
	n := d.namesOf(b.loop)
	switch {
	case r.kind == site: // its Spawned was dropped
		return Event{}, next
	case r.kind == Spawned || r.kind == Present && !n.seen[r.task]:
		n.seen[r.task] = true
	case r.kind == Present: // another recorder was attached later, and was told of all tasks
		return Event{}, next
	}
	if name := b.text(r); name != "" {
		switch r.kind {
		case Spawned, Present:
			n.tasks[r.task] = name
		case Named:
			n.objects[r.arg] = name
		}
	}
	e = Event{
		Kind: r.kind, Loop: b.loop, Task: r.task, Name: n.task(r.task),
		At: time.Duration(r.at), Text: b.text(r),
	}
	d.detail(&e, r, n)
	if r.kind == Spawned {
		for ; next < len(b.records) && b.records[next].kind == site; next++ {
			e.Created = append(e.Created, d.calls(&b.records[next])...)
		}
		e.Created = withoutOurs(e.Created)
	}
	return e, next
}

// detail fills in what depends on the kind.
func (d *decoder) detail(e *Event, r *record, n *names) {
	if r.kind.lasts() {
		e.From = time.Duration(r.from)
	}
	switch r.kind {
	case Spawned:
		e.By, e.Group = r.arg, uint64(r.n)
	case Present:
		e.By, e.Group = r.arg, uint64(r.n)
		e.What = d.what(r.label, uint64(r.from), n)
	case Waits, Woken:
		e.Number, e.What = r.arg, d.what(r.label, r.arg, n)
		if word := d.label(r.label); word == labelTask || word == labelCancel {
			e.By = r.arg
		}
	case Called:
		e.What = d.what(r.label, 0, n)
		if calls := d.recording.places.of(r.arg); len(calls) > 0 {
			e.What, e.Created = "callback "+calls[0].Function, calls[:1]
		}
	case Expired:
		e.From = time.Duration(r.arg)
	case Asked:
		e.By = r.arg
	case Opened:
		e.Group, e.Number = r.arg, uint64(r.n)
	case Left:
		e.Group = r.arg
	case Yields, Named:
		e.Number, e.What = r.arg, d.label(r.label)
	case Hosted, HostUp, HostDown:
		e.Host, e.Text = e.Text, ""
	case Sent, Lost:
		e.What, e.Number = d.label(r.label), uint64(r.n)
		e.Host, e.To = cutRow(e.Text)
		if e.Text = ""; r.kind == Sent {
			e.Arrives = time.Duration(r.arg)
		}
	case Began, Finished:
		e.What = d.label(r.label)
		e.Row, e.Text = cutRow(e.Text)
		if r.kind == Began {
			e.Text, e.ID = cutRow(e.Text)
		}
	}
}

// labels that mean something to this package.
const (
	labelTask     = "task"
	labelSleep    = "sleep"
	labelCallback = "callback"
	labelCancel   = "cancel"
	labelGroup    = "task group"
	labelSelect   = "select"
	labelThread   = "thread"
)

func (d *decoder) label(number uint8) string {
	if number == 0 || int(number) > len(d.recording.labels) {
		return ""
	}
	return d.recording.labels[number-1]
}

// what says in words what a task waits for, or what has woken it.
func (d *decoder) what(label uint8, arg uint64, n *names) string {
	word := d.label(label)
	switch {
	case word == labelSleep && arg != 0: // if a sleep began before the recording, its length is not known
		return word + " " + time.Duration(arg).String()
	case word == labelTask && arg != 0:
		return word + " " + strconv.Quote(n.task(arg))
	case word == labelCallback:
		if calls := d.recording.places.of(arg); len(calls) > 0 {
			return word + " " + calls[0].Function
		}
		return word
	case word == labelSelect && n.objects[arg] != "":
		return word + ": " + n.objects[arg] // here the text is not a name, but what the task waits for
	case word != labelCancel && word != labelGroup && n.objects[arg] != "":
		return word + " " + strconv.Quote(n.objects[arg])
	default:
		return word
	}
}

// calls returns the places of a record of the kind site.
func (d *decoder) calls(r *record) (calls []Place) {
	for _, number := range [...]uint64{uint64(r.at), uint64(r.from), r.task, r.arg} {
		if number != 0 {
			calls = append(calls, d.recording.places.of(number)...)
		}
	}
	return calls
}

// withoutOurs leaves the calls of the program, without those of the library and of what
// runs tasks; all of them, if there are no others.
func withoutOurs(calls []Place) []Place {
	theirs := slices.DeleteFunc(slices.Clone(calls), func(p Place) bool { return isOurs(p.Function) })
	if len(theirs) == 0 {
		return calls
	}
	return theirs
}
