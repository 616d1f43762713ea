package console

import (
	"bytes"
	"encoding/json"

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

// noTasks is what a table without lines says. It can be nowhere in a string: there its
// quotes have backslashes before them.
var noTasks = []byte(`"tasks":[]`)

// marshalTable writes a state whose lines are these.
func marshalTable(without any, tasks []wire.Task) ([]byte, error) {
	frame, err := json.Marshal(without)
	if err != nil || len(tasks) == 0 {
		return frame, err
	}
	head, tail, _ := bytes.Cut(frame, noTasks)
	out := make([]byte, 0, len(frame)+len(tasks)*400)
	out = append(append(out, head...), noTasks[:len(noTasks)-1]...)
	for i := range tasks {
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
