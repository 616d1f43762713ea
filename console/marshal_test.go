package console

import (
	"encoding/json"
	"testing"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// What marshal writes is what package json does.
func TestMarshal(t *testing.T) {
	tasks := []wire.Task{waitingFor(1, "sleep", 5), {ID: 2, Name: `"tasks":[]`, Created: []wire.Frame{}}, waitingFor(3, `"tasks":[]`, 5, 1, 2)}
	stuck := &wire.Stuck{Name: `"tasks":[]`, Advice: `,"tasks":[]`}
	warnings := []wire.Warning{{Title: "x", Tasks: []uint64{}}}
	for _, v := range []any{
		&wire.Snapshot{Stuck: stuck, Tasks: tasks, Warnings: warnings},
		&wire.Snapshot{Tasks: []wire.Task{}},
		&wire.State{Snapshot: wire.Snapshot{Stuck: stuck, Tasks: tasks, Warnings: warnings}, Full: true, Gone: []uint64{4}},
		&wire.State{Snapshot: wire.Snapshot{Tasks: tasks[:1]}},
		&wire.LiveFrame{N: 3},
	} {
		want, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		got, err := marshal(v)
		if err != nil || string(got) != string(want) {
			t.Errorf("%v, and it is\n%s, want\n%s", err, got, want)
		}
	}
}
