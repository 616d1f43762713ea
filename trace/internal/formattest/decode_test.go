package formattest

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/asyncio-go/asyncio/trace"
)

// A track is a track as Perfetto shows it.
type track struct {
	uuid, parent uint64
	name         string
	thread       bool
	process      bool
	counter      bool
	slices       []*slice
	values       []value
}

// A slice is one from its begin to its end; an instant has no length.
type slice struct {
	name, category string
	from, to       uint64
	instant        bool
	depth          int
	parent         *slice
	track          *track
	flows, ends    []uint64
	annotations    map[string]any
}

type value struct {
	at    uint64
	count int64
}

// A decoded is a trace with what Perfetto makes of it.
type decoded struct {
	t       *testing.T
	tracks  []*track
	byUUID  map[uint64]*track
	dropped bool
}

// event is one event with its time.
type event struct {
	at   uint64
	body protoreflect.Message
}

// decode reads a trace, and checks what holds for every one: fields that the format has,
// times that are sorted and slices that nest in every track, flows with two ends.
func decode(t *testing.T, r *trace.Recording) *decoded {
	t.Helper()
	var out bytes.Buffer
	if err := r.WritePerfetto(&out); err != nil {
		t.Fatal(err)
	}
	compiler := protocompile.Compiler{Resolver: &protocompile.SourceResolver{}}
	files, err := compiler.Compile(context.Background(), "perfetto.proto")
	if err != nil {
		t.Fatal(err)
	}
	message := dynamicpb.NewMessage(files[0].Messages().ByName("Trace"))
	if err := proto.Unmarshal(out.Bytes(), message); err != nil {
		t.Fatal(err)
	}
	d := &decoded{t: t, byUUID: map[uint64]*track{}}
	d.read(message)
	d.checkFlows()
	return d
}

func get(m protoreflect.Message, name protoreflect.Name) protoreflect.Value {
	field := m.Descriptor().Fields().ByName(name)
	if field == nil {
		panic("no field " + name)
	}
	return m.Get(field)
}

func has(m protoreflect.Message, name protoreflect.Name) bool {
	return m.Has(m.Descriptor().Fields().ByName(name))
}

func (d *decoded) read(trace protoreflect.Message) {
	if len(trace.GetUnknown()) > 0 {
		d.t.Error("the trace has fields that Perfetto does not know")
	}
	events := map[uint64][]event{}
	packets := get(trace, "packet").List()
	for i := range packets.Len() {
		p := packets.Get(i).Message()
		d.known(p)
		if !has(p, "trusted_packet_sequence_id") {
			d.t.Fatal("a packet has no sequence")
		}
		if i == 0 && get(p, "sequence_flags").Uint() != 1 {
			d.t.Error("the sequence does not begin")
		}
		d.dropped = d.dropped || get(p, "previous_packet_dropped").Bool()
		switch {
		case has(p, "track_descriptor"):
			d.describe(get(p, "track_descriptor").Message())
		case has(p, "track_event"):
			body := get(p, "track_event").Message()
			uuid := get(body, "track_uuid").Uint()
			if d.byUUID[uuid] == nil {
				d.t.Fatalf("an event is on the track %d, which was not described before", uuid)
			}
			events[uuid] = append(events[uuid], event{get(p, "timestamp").Uint(), body})
		default:
			d.t.Error("a packet has nothing in it")
		}
	}
	for _, tr := range d.tracks {
		// Perfetto sorts by time, and leaves those of one time as they are.
		slices.SortStableFunc(events[tr.uuid], func(a, b event) int { return int(int64(a.at) - int64(b.at)) })
		d.nest(tr, events[tr.uuid])
	}
}

// known fails on fields of a message, and of what is in it, that the format does not have.
func (d *decoded) known(m protoreflect.Message) {
	if len(m.GetUnknown()) > 0 {
		d.t.Fatalf("%v has fields that Perfetto does not know: %x", m.Descriptor().Name(), m.GetUnknown())
	}
	m.Range(func(field protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case field.Message() == nil:
		case field.IsList():
			for i := range v.List().Len() {
				d.known(v.List().Get(i).Message())
			}
		default:
			d.known(v.Message())
		}
		return true
	})
}

func (d *decoded) describe(m protoreflect.Message) {
	tr := &track{
		uuid: get(m, "uuid").Uint(), parent: get(m, "parent_uuid").Uint(), name: get(m, "name").String(),
		thread: has(m, "thread"), process: has(m, "process"), counter: has(m, "counter"),
	}
	if tr.process {
		tr.name = get(get(m, "process").Message(), "process_name").String()
	}
	if d.byUUID[tr.uuid] != nil {
		d.t.Errorf("the track %d is described twice", tr.uuid)
	}
	if !tr.process && d.byUUID[tr.parent] == nil {
		d.t.Errorf("the parent of the track %q is not described", tr.name)
	}
	d.byUUID[tr.uuid] = tr
	d.tracks = append(d.tracks, tr)
}

func (d *decoded) nest(tr *track, events []event) {
	var open []*slice
	for _, e := range events {
		switch get(e.body, "type").Enum() {
		case 1, 3:
			s := newSlice(e, tr)
			s.depth = len(open)
			if s.depth > 0 {
				s.parent = open[s.depth-1]
			}
			tr.slices = append(tr.slices, s)
			if get(e.body, "type").Enum() == 3 {
				s.instant = true
			} else {
				open = append(open, s)
			}
		case 2:
			if len(open) == 0 {
				d.t.Fatalf("on the track %q, a slice ends at %d that has not begun", tr.name, e.at)
			}
			s := open[len(open)-1]
			s.to, open = e.at, open[:len(open)-1]
			s.annotate(e.body)
		case 4:
			if !tr.counter {
				d.t.Errorf("the track %q is no counter, and has a value", tr.name)
			}
			tr.values = append(tr.values, value{e.at, get(e.body, "counter_value").Int()})
		default:
			d.t.Errorf("an event on %q has no type", tr.name)
		}
	}
	if len(open) > 0 {
		d.t.Errorf("on the track %q, %d slices do not end", tr.name, len(open))
	}
}

func newSlice(e event, tr *track) *slice {
	s := &slice{name: get(e.body, "name").String(), from: e.at, to: e.at, track: tr, annotations: map[string]any{}}
	if c := get(e.body, "categories").List(); c.Len() > 0 {
		s.category = c.Get(0).String()
	}
	s.flows, s.ends = uints(e.body, "flow_ids"), uints(e.body, "terminating_flow_ids")
	s.annotate(e.body)
	return s
}

func uints(m protoreflect.Message, name protoreflect.Name) (all []uint64) {
	list := get(m, name).List()
	for i := range list.Len() {
		all = append(all, list.Get(i).Uint())
	}
	return all
}

func (s *slice) annotate(body protoreflect.Message) {
	list := get(body, "debug_annotations").List()
	for i := range list.Len() {
		a := list.Get(i).Message()
		name := get(a, "name").String()
		if has(a, "string_value") {
			s.annotations[name] = get(a, "string_value").String()
		} else {
			s.annotations[name] = get(a, "uint_value").Uint()
		}
	}
}

// checkFlows expects one begin and one later end of each flow.
func (d *decoded) checkFlows() {
	begins, ends := map[uint64]*slice{}, map[uint64]*slice{}
	for _, tr := range d.tracks {
		for _, s := range tr.slices {
			for _, id := range s.flows {
				if begins[id] != nil {
					d.t.Errorf("the flow %d begins twice", id)
				}
				begins[id] = s
			}
			for _, id := range s.ends {
				if ends[id] != nil {
					d.t.Errorf("the flow %d ends twice", id)
				}
				ends[id] = s
			}
		}
	}
	for id, s := range begins {
		if end := ends[id]; end == nil || end.from < s.from {
			d.t.Errorf("the flow from %q does not end, or does so before it begins", s.name)
		}
	}
	for id := range ends {
		if begins[id] == nil {
			d.t.Errorf("the flow %d ends and has not begun", id)
		}
	}
}

// track returns the only track of a name.
func (d *decoded) track(name string) *track {
	d.t.Helper()
	var found []*track
	for _, tr := range d.tracks {
		if tr.name == name {
			found = append(found, tr)
		}
	}
	if len(found) != 1 {
		d.t.Fatalf("there are %d tracks called %q", len(found), name)
	}
	return found[0]
}
