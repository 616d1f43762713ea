package trace

import (
	"bufio"
	"io"
	"strconv"
	"time"
)

// WritePerfetto writes the recording as a trace of Perfetto, which shows it at
// https://ui.perfetto.dev; the usual name of such a file ends in .pftrace. Each task has
// a track, below the track of its group, with slices: one for its life, and inside it one
// for each time that it ran, was ready or waited, which says for what. An arrow leads
// from each task to the task that it has woken. The loop's own track shows which task
// runs. Threads, and rows of [Lane], have tracks of their own, and so does the number of
// ready tasks. A simulated host has a track above those of its tasks, with a slice for the
// time in which it is up, and in it what the host sends and gets; an arrow leads from the
// one to the other. It returns w's error.
func (r *Recording) WritePerfetto(w io.Writer) error {
	p := perfetto{out: bufio.NewWriter(w), recording: r, loops: map[int]*loopTracks{}, hosted: r.hosted()}
	p.begin()
	for m := range r.sweep() {
		p.loop(m.Loop).add(m)
	}
	for _, l := range r.loops {
		p.loop(l.number).close()
	}
	return p.out.Flush()
}

// Numbers of fields, from Perfetto's protos/perfetto/trace.
const (
	fieldPacket = 1 // of Trace

	// of TracePacket
	fieldTimestamp       = 8
	fieldSequence        = 10
	fieldTrackEvent      = 11
	fieldSequenceFlags   = 13
	fieldPreviousDropped = 42
	fieldTrackDescriptor = 60

	// of TrackDescriptor
	fieldUUID          = 1
	fieldTrackName     = 2
	fieldProcess       = 3
	fieldThread        = 4
	fieldParent        = 5
	fieldCounter       = 8
	fieldChildOrdering = 11
	fieldRank          = 12

	// of ProcessDescriptor and ThreadDescriptor
	fieldPid         = 1
	fieldTid         = 2
	fieldThreadName  = 5
	fieldProcessName = 6

	// of TrackEvent
	fieldAnnotation   = 4
	fieldType         = 9
	fieldTrack        = 11
	fieldCategory     = 22
	fieldName         = 23
	fieldCounterValue = 30
	fieldFlow         = 47
	fieldFlowEnd      = 48

	// of DebugAnnotation
	fieldUintValue   = 3
	fieldStringValue = 6
	fieldAnnotated   = 10
)

const (
	sliceBegin   = 1
	sliceEnd     = 2
	instantEvent = 3
	counterEvent = 4

	explicitOrder = 3

	processTrack = 1 // its uuid
	pid          = 1 // a recording has none
	sequence     = 1
	stateCleared = 1 // a sequence begins
)

type perfetto struct {
	out       *bufio.Writer
	recording *Recording
	loops     map[int]*loopTracks
	hosted    map[int]map[uint64]string
	uuids     uint64
	flows     uint64
}

func (p *perfetto) begin() {
	p.uuids = processTrack
	process := message(nil).varint(fieldPid, pid).text(fieldProcessName, p.recording.program)
	first := message(nil).varint(fieldSequence, sequence).varint(fieldSequenceFlags, stateCleared)
	if n := p.recording.Dropped(); n > 0 {
		first = first.varint(fieldPreviousDropped, 1)
	}
	p.packet(first.message(fieldTrackDescriptor,
		message(nil).varint(fieldUUID, processTrack).message(fieldProcess, process).varint(fieldChildOrdering, explicitOrder)))
	if n := p.recording.Dropped(); n > 0 {
		p.event(0, instantEvent, processTrack, message(nil).
			text(fieldName, strconv.FormatUint(n, 10)+" events from before are lost: the recorder's ring was full"))
	}
}

func (p *perfetto) packet(m message) {
	_, _ = p.out.Write(message(nil).message(fieldPacket, m)) // Flush returns the error
}

// event writes an event of a track.
func (p *perfetto) event(at time.Duration, kind, track uint64, more message) {
	e := message(nil).varint(fieldType, kind).varint(fieldTrack, track)
	p.packet(message(nil).varint(fieldTimestamp, uint64(max(at, 0))).varint(fieldSequence, sequence).
		message(fieldTrackEvent, append(e, more...)))
}

// track makes a track, and returns its uuid.
func (p *perfetto) track(parent uint64, name string, more message) uint64 {
	p.uuids++
	d := message(nil).varint(fieldUUID, p.uuids).varint(fieldParent, parent).text(fieldTrackName, name)
	p.packet(message(nil).varint(fieldSequence, sequence).message(fieldTrackDescriptor, append(d, more...)))
	return p.uuids
}

func (p *perfetto) loop(number int) *loopTracks {
	l := p.loops[number]
	if l == nil {
		name := "loop " + strconv.Itoa(number)
		thread := message(nil).varint(fieldPid, pid).varint(fieldTid, uint64(number)).text(fieldThreadName, name)
		l = &loopTracks{
			perfetto: p, tasks: map[uint64]*taskTrack{}, groups: map[uint64]uint64{}, rows: map[string]*rowTrack{},
			hosted: p.hosted[number], hosts: map[string]*hostTrack{},
		}
		l.track = p.track(processTrack, name, message(nil).message(fieldThread, thread).varint(fieldRank, uint64(number)))
		l.below = p.track(processTrack, "tasks of "+name, message(nil).varint(fieldRank, uint64(number)))
		l.counter = p.track(processTrack, "ready tasks of "+name, message(nil).message(fieldCounter, nil).varint(fieldRank, uint64(number)))
		p.loops[number] = l
	}
	return l
}

func annotation(name, value string) message {
	return message(nil).text(fieldAnnotated, name).text(fieldStringValue, value)
}

func annotated(name string, value uint64) message {
	return message(nil).text(fieldAnnotated, name).varint(fieldUintValue, value)
}
