package lessons

import (
	"context"
	"strings"

	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// Record runs the lesson, and its ways, on the virtual clock, and returns what they have
// done. Parameters that are not in values have their defaults. If the program fails, the
// recording has the error. Record returns an error if a value is not allowed, if ctx is
// canceled, and if the program does more than a recording may hold. Any goroutine that
// runs no loop may call it.
func (l Lesson) Record(ctx context.Context, values map[string]string) (*recording.Recording, error) {
	if err := lesson.Check(l.Params, values); err != nil {
		return nil, err
	}
	p := l.Program(values)
	rec, err := recording.Record(ctx, p)
	if err != nil {
		return nil, err
	}
	for _, way := range l.Ways {
		p.Run = way.Run
		other, err := recording.Record(ctx, p)
		if err != nil {
			return nil, err
		}
		rec.Ways = append(rec.Ways, recording.Way{Name: way.Name, Recording: other})
	}
	return rec, nil
}

// Program returns the lesson as what can be recorded. The values have to be allowed: see
// lesson.Check.
func (l Lesson) Program(values map[string]string) recording.Program {
	return recording.Program{
		Lesson: l.Name, Values: l.all(values),
		File: "lessons/" + l.GoFile(), Line: l.Go().statement, Run: l.Run,
	}
}

// statement is Line for a line that runs. The compiler places deferred calls at the
// return statement or at the closing brace of the function, by chance. So a line with
// nothing but braces counts as the line before.
func (s Source) statement(n int) int {
	line := s.Line(n)
	for line > 1 && strings.Trim(s.Lines[line-1], "\t})") == "" {
		line--
	}
	return line
}

// all returns the values of all parameters.
func (l Lesson) all(values map[string]string) map[string]string {
	all := map[string]string{}
	for _, p := range l.Params {
		all[p.Name] = p.Default
		if value, ok := values[p.Name]; ok {
			all[p.Name] = value
		}
	}
	return all
}
