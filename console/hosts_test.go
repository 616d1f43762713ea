package console

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// hostEvents are two hosts with a task each. One of them crashes, and is up again.
func hostEvents() []told {
	return []told{
		{record: record{kind: engine.HostUp, at: sec}, words: "alpha"},
		{record: record{kind: engine.Spawned, at: sec, task: 2, arg: 1}, words: "server"},
		{record: record{kind: engine.Hosted, at: sec, task: 2}, words: "alpha"},
		{record: record{kind: engine.HostUp, at: sec}, words: "beta"},
		{record: record{kind: engine.Spawned, at: sec, task: 3, arg: 1}, words: "client"},
		{record: record{kind: engine.Hosted, at: sec, task: 3}, words: "beta"},
		{record: record{kind: engine.Sent, at: 2 * sec, task: 3, arg: uint64(2*sec + 5*msec), n: 12, label: engine.NewLabel("data")}, words: "beta\nalpha"},
		{record: record{kind: engine.HostDown, at: 3 * sec}, words: "beta"},
		{record: record{kind: engine.Lost, at: 4 * sec, task: 2, n: 3, label: engine.NewLabel("data")}, words: "alpha\nbeta"},
		{record: record{kind: engine.HostUp, at: 5 * sec}, words: "beta"},
	}
}

// Who comes late is told by states which tasks are on which host, and which hosts are up.
func TestHostsInStatesAndDetails(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		var b batch
		for _, e := range hostEvents() {
			b.add(e.record, e.words, nil)
		}
		f.mu.Lock()
		f.time = 6 * sec
		f.batches = []batch{b}
		f.state.Tasks = []wire.Task{{ID: 1, Name: "test", State: wire.Waiting}, {ID: 2, Name: "server", State: wire.Waiting}, {ID: 3, Name: "client", State: wire.Waiting}}
		f.mu.Unlock()
		s := snapshotOf(t, c, 0)
		var on []string
		for _, task := range s.Tasks {
			on = append(on, task.Name+"@"+task.Host)
		}
		if want := []string{"test@", "server@alpha", "client@beta"}; !slices.Equal(on, want) {
			t.Errorf("tasks are %q, want %q", on, want)
		}
		if want := []wire.Host{{Name: "alpha", Up: true, Since: sec}, {Name: "beta", Up: true, Since: 5 * sec}}; !slices.Equal(s.Hosts, want) {
			t.Errorf("hosts are %+v, want %+v", s.Hosts, want)
		}
		d, err := c.Task(t.Context(), 0, 2)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		for _, e := range d.Events {
			told = append(told, e.Text)
		}
		if want := []string{`created by task "test"`, `on the host "alpha"`, "sends data from alpha to beta (3 bytes), which is lost"}; d.Host != "alpha" || !slices.Equal(told, want) {
			t.Errorf("task 2 is on %q, its events are %q, want %q", d.Host, told, want)
		}
	})
}

// Those who come when a host is down, or when its tasks exist already, are told that before
// anything else.
func TestPastBeginsWithHosts(t *testing.T) {
	b := newBench(t)
	b.happen(hostEvents()...)
	b.at(6 * sec)
	b.frame()
	frames := pastOf(b.w.subscribe(3)) // since 3 s
	var got []string
	for _, f := range frames {
		for _, r := range f.Rec {
			if k := engine.Kind(r[0]); engine.Hosted <= k && k <= engine.Lost {
				got = append(got, strings.ReplaceAll(f.Text[r[6]-1], "\n", ">")+" "+trace.Kind(k).String())
			}
		}
	}
	want := []string{"alpha host-up", "beta host-up", "alpha hosted", "beta hosted", "beta host-down", "alpha>beta lost", "beta host-up"}
	if !slices.Equal(got, want) {
		t.Errorf("it tells %q, want %q", got, want)
	}
}

// A recording that begins in the middle has the hosts that were up, and where tasks are.
func TestRecordingsBeginWithHosts(t *testing.T) {
	b := newBench(t)
	b.happen(hostEvents()...)
	b.at(6 * sec)
	b.w.take()
	for seconds, want := range map[int][]string{
		0: {"host alpha is up", "server is on host alpha", "host beta is up", "client is on host beta", "client sends data from beta to alpha (12 bytes), which arrives 5ms later", "host beta is down", "server sends data from alpha to beta (3 bytes), which is lost", "host beta is up"},
		2: {"host alpha is up", "server is on host alpha", "client is on host beta", "server sends data from alpha to beta (3 bytes), which is lost", "host beta is up"},
	} {
		var text bytes.Buffer
		if err := trace.Of(b.w.past(seconds)).WriteJSON(&text); err != nil {
			t.Fatal(err)
		}
		r, err := trace.ReadJSON(&text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for e := range r.Events() {
			if e.Host != "" {
				_, line, _ := strings.Cut(e.String(), "  ")
				got = append(got, line)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("of %d seconds it has %q, want %q", seconds, got, want)
		}
	}
}

// A console that comes late is told of tasks and their hosts, and not of hosts by themselves.
func TestHostsThatWereThere(t *testing.T) {
	b := newBench(t)
	b.happen(
		told{record: record{kind: engine.Present, at: sec, task: 2, arg: 1}, words: "server"},
		told{record: record{kind: engine.Hosted, at: sec, task: 2}, words: "alpha"},
	)
	if want := []wire.Host{{Name: "alpha", Up: true}}; !slices.Equal(b.w.hosts.list(), want) {
		t.Errorf("hosts are %+v, want %+v", b.w.hosts.list(), want)
	}
	b.happen(told{record: record{kind: engine.HostDown, at: 2 * sec}, words: "alpha"})
	if want := []wire.Host{{Name: "alpha", Since: 2 * sec}}; !slices.Equal(b.w.hosts.list(), want) {
		t.Errorf("hosts are %+v, want %+v", b.w.hosts.list(), want)
	}
}
