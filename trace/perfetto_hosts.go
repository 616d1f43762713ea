package trace

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// A hostTrack is the track of a simulated host: a slice for each time in which it is up,
// and in it what it sends and gets. The tracks of its tasks are below it.
type hostTrack struct {
	uuid uint64
	up   bool
}

// hosted returns the hosts of tasks, by the numbers of loops and tasks. The track of a task
// is made when the task is created, and the event that says on which host it is comes
// later.
func (r *Recording) hosted() map[int]map[uint64]string {
	hosts := map[int]map[uint64]string{}
	for _, b := range r.blocks {
		for i := range b.records {
			if k := &b.records[i]; k.kind == Hosted {
				if hosts[b.loop] == nil {
					hosts[b.loop] = map[uint64]string{}
				}
				hosts[b.loop][k.task] = b.text(k)
			}
		}
	}
	return hosts
}

// host returns the track of a host, and makes it if it has none.
func (l *loopTracks) host(name string) *hostTrack {
	h := l.hosts[name]
	if h == nil {
		h = &hostTrack{uuid: l.perfetto.track(l.below, "host "+name, message(nil).varint(fieldRank, uint64(len(l.hosts))))}
		l.hosts[name] = h
	}
	return h
}

func (l *loopTracks) upOrDown(e Event) {
	h := l.host(e.Host)
	if h.up == (e.Kind == HostUp) {
		return
	}
	if h.up = e.Kind == HostUp; h.up {
		l.event(e.At, sliceBegin, h.uuid, slice("host", e.Host+" is up"))
	} else {
		l.event(e.At, sliceEnd, h.uuid, nil)
	}
}

// send writes what a host sends, and that it arrives, with an arrow from one to the other.
func (l *loopTracks) send(e Event) {
	from, to := l.host(e.Host), l.host(e.To)
	what := e.What
	if e.Number > 0 {
		what = fmt.Sprintf("%s (%d bytes)", what, e.Number)
	}
	if e.Kind == Lost {
		l.event(e.At, instantEvent, from.uuid, slice("network", what+" to "+e.To+" is lost"))
		return
	}
	sent := slice("network", what+" to "+e.To)
	if e.Task != 0 {
		sent = sent.message(fieldAnnotation, annotation("sent by", e.Name))
	}
	if e.Arrives > max(l.now, l.recording.length) { // it was on its way when the recording was taken
		l.event(e.At, instantEvent, from.uuid, sent)
		return
	}
	l.flows++
	l.event(e.At, instantEvent, from.uuid, sent.fixed(fieldFlow, l.flows))
	l.event(e.Arrives, instantEvent, to.uuid, slice("network", what+" from "+e.Host).fixed(fieldFlowEnd, l.flows))
}

func (l *loopTracks) closeHosts(end time.Duration) {
	for _, name := range slices.Sorted(maps.Keys(l.hosts)) {
		if h := l.hosts[name]; h.up {
			l.event(end, sliceEnd, h.uuid, nil)
		}
	}
}
