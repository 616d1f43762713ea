package client

import (
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/wire"
)

func TestEvents(t *testing.T) {
	stream := "retry: 1000\n\n: a comment\n\nevent: state\ndata: {\"a\":1}\nid: 7\n\n" +
		"data:no space\r\ndata:  two lines\r\n\r\nevent: empty\n\nevent: state\ndata\n\n" +
		"event: state\ndata: " + strings.Repeat("long", 50_000) + "\n\nevent: state\ndata: broken off"
	type event struct{ name, data string }
	var got []event
	err := events(strings.NewReader(stream), func(name string, data []byte) error {
		got = append(got, event{name, string(data)})
		return nil
	})
	want := []event{{"state", `{"a":1}`}, {"", "no space\n two lines"}, {"state", ""}, {"state", strings.Repeat("long", 50_000)}}
	if err != io.EOF || !reflect.DeepEqual(got, want) {
		t.Errorf("got %.300q, %v", got, err)
	}
	enough := errors.New("enough")
	if err := events(strings.NewReader(stream), func(string, []byte) error { return enough }); err != enough {
		t.Errorf("the error of the reader: %v", err)
	}
}

func FuzzEvents(f *testing.F) {
	f.Add("event: state\ndata: {}\n\n")
	f.Add("data: a\r\ndata: b\n\n: c\n\nid\n")
	f.Fuzz(func(t *testing.T, stream string) {
		var seen int
		err := events(strings.NewReader(stream), func(_ string, data []byte) error {
			seen += len(data)
			return nil
		})
		if err != io.EOF || seen > len(stream) {
			t.Errorf("%q: %d bytes of data, %v", stream, seen, err)
		}
	})
}

func TestTable(t *testing.T) {
	task := func(id uint64, state string) wire.Task { return wire.Task{ID: id, State: state} }
	change := func(full bool, gone []uint64, tasks ...wire.Task) *wire.State {
		return &wire.State{Snapshot: wire.Snapshot{Tasks: tasks}, Full: full, Gone: gone}
	}
	var table Table
	for _, step := range []struct {
		change *wire.State
		want   []wire.Task
	}{
		{change(true, nil, task(1, "waiting"), task(3, "ready")), []wire.Task{task(1, "waiting"), task(3, "ready")}},
		{change(false, nil, task(2, "held")), []wire.Task{task(1, "waiting"), task(2, "held"), task(3, "ready")}},
		{change(false, []uint64{3}, task(1, "done")), []wire.Task{task(2, "held"), task(1, "done")}},
		{change(false, nil), []wire.Task{task(2, "held"), task(1, "done")}},
		{change(true, nil, task(9, "ready")), []wire.Task{task(9, "ready")}},
	} {
		if got := table.Apply(step.change).Tasks; !reflect.DeepEqual(got, step.want) {
			t.Errorf("after %+v: %+v, want %+v", step.change, got, step.want)
		}
	}
}
