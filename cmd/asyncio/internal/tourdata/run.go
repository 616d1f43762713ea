package tourdata

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// A Request asks for a lesson to be run.
type Request struct {
	Lesson string            `json:"lesson"`
	Values map[string]string `json:"values"` // of parameters; what is not there has its default
}

// Find returns the lesson that is asked for. Its error says which there are.
func Find(name string) (lessons.Lesson, error) {
	var names []string
	for _, l := range lessons.All() {
		if l.Name == name {
			return l, nil
		}
		names = append(names, l.Name)
	}
	return lessons.Lesson{}, fmt.Errorf("there is no lesson %q; there are: %s", name, strings.Join(names, ", "))
}

// Run runs a lesson on the virtual clock, and returns its recording. It fails if there is
// no such lesson, if a value is out of bounds, and if ctx is done.
func Run(ctx context.Context, r Request) (json.RawMessage, error) {
	l, err := Find(r.Lesson)
	if err != nil {
		return nil, err
	}
	if err := lesson.Check(l.Params, r.Values); err != nil {
		return nil, err
	}
	return record(ctx, l, r.Values)
}

// Answer runs the lesson of a request that is JSON, and returns the JSON of its recording,
// or {"error": "a sentence"}.
func Answer(ctx context.Context, text []byte) []byte {
	var r Request
	err := json.Unmarshal(text, &r)
	if err == nil {
		var recording []byte
		if recording, err = Run(ctx, r); err == nil {
			return recording
		}
	}
	failure, err := json.Marshal(wire.Error{Error: err.Error()})
	if err != nil {
		panic(err) // a string is always JSON
	}
	return failure
}
