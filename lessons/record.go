package lessons

import (
	"context"
	"strings"

	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// Record runs the lesson, and its ways, on the virtual clock, and returns what they have
// done. Parameters that are not among the values have their defaults. A program that fails is
// a recording with an error in it. Record returns an error if a value is not allowed, if
// ctx is canceled, and if the program does so much that no one could look at it. Any
// goroutine may call it that runs no loop.
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

// statement is Line of a line that runs. What a function has deferred runs, as far as the
// compiler tells, in its return statement or at its closing brace, by chance: that counts
// as the line before.
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
