package tourdata

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// TODO until Lesson.Record is there.
func record(ctx context.Context, l lessons.Lesson, values map[string]string) (json.RawMessage, error) {
	var out bytes.Buffer
	err := l.Run(lesson.With(ctx, &lesson.Env{Out: &out, Values: values, Second: 1000000}))
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"version": 1, "lesson": l.Name, "values": values, "length": 0, "tasks": []int{}, "groups": []int{},
		"events": []any{map[string]any{"k": "print", "t": 0, "text": out.String()}, map[string]any{"k": "over", "t": 0}}})
}

func needsProcess(lessons.Lesson) bool { return false }
