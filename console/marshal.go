package console

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// marshal is json.Marshal. Package json keeps a buffer that is as long as what was
// written last, so of a long table the lines are written one by one.
func marshal(v any) ([]byte, error) {
	switch v := v.(type) {
	case *wire.State:
		short := *v
		short.Tasks = []wire.Task{}
		return marshalTable(&short, v.Tasks)
	case *wire.Snapshot:
		short := *v
		short.Tasks = []wire.Task{}
		return marshalTable(&short, v.Tasks)
	}
	return json.Marshal(v)
}

// noTasks is the JSON of a table without lines. It cannot occur inside a string, where
// quotes have backslashes before them.
var noTasks = []byte(`"tasks":[]`)

// marshalTable writes a state whose lines are these.
func marshalTable(without any, tasks []wire.Task) ([]byte, error) {
	frame, err := json.Marshal(without)
	if err != nil || len(tasks) == 0 {
		return frame, err
	}
	head, tail, _ := bytes.Cut(frame, noTasks)
	out := append(append(make([]byte, 0, len(frame)+1), head...), noTasks[:len(noTasks)-1]...)
	for i := range tasks {
		if i == min(100, len(tasks)-1) { // now it is known how long lines are: to grow would copy them all
			out = slices.Grow(out, len(tail)+(len(out)-len(head))/max(i, 1)*(len(tasks)-i)*11/10+1000)
		}
		line, err := json.Marshal(&tasks[i])
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, line...)
	}
	return append(append(out, ']'), tail...), nil
}
