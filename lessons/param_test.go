package lessons_test

import (
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// What a reader of the code sees is what the tour says of a parameter.
func TestParametersAreThoseOfTheCode(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			asked := map[string]string{}
			skipWithoutProcesses(t, l)
			p := l.Program(nil)
			p.Asked = func(name, value string) {
				mu.Lock()
				defer mu.Unlock()
				asked[name] = value
			}
			if _, err := recording.Record(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			if want := defaults(l); !maps.Equal(asked, want) {
				t.Errorf("the code has the defaults %v, the catalog %v", asked, want)
			}
			if n := len(l.Params); n < 2 || n > 4 {
				t.Errorf("%d parameters, want 2 to 4", n)
			}
			if err := lesson.Check(l.Params, defaults(l)); err != nil {
				t.Error(err)
			}
		})
	}
}

func defaults(l lessons.Lesson) map[string]string {
	values := map[string]string{}
	for _, p := range l.Params {
		values[p.Name] = p.Default
	}
	return values
}

func TestLessonsEndWithAnyParameters(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			for values := range combinations(l.Params) {
				if err := lesson.Check(l.Params, values); err != nil {
					t.Fatal(err)
				}
				record(t, l, values) // with its ways
			}
		})
	}
}

// combinations are those of the bounds and defaults of some parameters.
func combinations(params []lesson.Param) func(yield func(map[string]string) bool) {
	return func(yield func(map[string]string) bool) { combine(params, map[string]string{}, yield) }
}

func combine(params []lesson.Param, values map[string]string, yield func(map[string]string) bool) bool {
	if len(params) == 0 {
		return yield(maps.Clone(values))
	}
	return !slices.ContainsFunc(extremes(params[0]), func(value string) (stop bool) {
		values[params[0].Name] = value
		return !combine(params[1:], values, yield)
	})
}

func extremes(p lesson.Param) []string {
	switch p.Kind {
	case lesson.KindChoice:
		return p.Choices
	case lesson.KindBool:
		return []string{"true", "false"}
	}
	return []string{p.Min, p.Default, p.Max}
}
