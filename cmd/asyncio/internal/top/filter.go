package top

import (
	"fmt"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A filter chooses tasks: each of its terms has to be true of one.
type filter []term

// A term is a text that has to be in a field of the task.
type term struct{ field, text string }

// fields are what a term may name; without a name, all are looked at.
var fields = []string{"name", "state", "wait", "id"}

// parseFilter reads a filter: "state:waiting wait:lock db". Case does not count. The
// error is about a field that is none.
func parseFilter(text string) (filter, error) {
	var f filter
	for word := range strings.FieldsSeq(strings.ToLower(text)) {
		field, rest, named := strings.Cut(word, ":")
		switch {
		case !named:
			f = append(f, term{"", word})
		case !slices.Contains(fields, field):
			return f, fmt.Errorf("no field %q: write name:TEXT, state:TEXT, wait:TEXT or id:N", field)
		case rest != "":
			f = append(f, term{field, rest})
		}
	}
	return f, nil
}

// matches tells whether a task passes.
func (f filter) matches(s *view.State, t *wire.Task) bool {
	for _, term := range f {
		if !slices.ContainsFunc(fields, func(field string) bool {
			return (term.field == "" || term.field == field) && contains(s, t, field, term.text)
		}) {
			return false
		}
	}
	return true
}

func contains(s *view.State, t *wire.Task, field, text string) bool {
	switch field {
	case "id":
		return fmt.Sprint(t.ID) == text
	case "name":
		return strings.Contains(strings.ToLower(t.Name), text)
	case "state":
		return strings.Contains(strings.ToLower(view.Word(t)), text)
	default:
		return strings.Contains(strings.ToLower(s.Wait(t)+" "+s.For(t)), text)
	}
}
