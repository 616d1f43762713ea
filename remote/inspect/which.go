package inspect

import (
	"cmp"
	"fmt"

	"github.com/asyncio-go/asyncio/remote/internal/protocol"
)

// Which says which failures are meant. What is empty is any; the zero Which means all.
type Which struct{ Function, Version, Client, ID string }

// filter is the subject of the records that are meant.
func (w Which) filter(n protocol.Names) (string, error) {
	for what, name := range map[string]string{"the function": w.Function, "the version": w.Version, "the client": w.Client, "the id": w.ID} {
		if name == "" {
			continue
		}
		if err := protocol.CheckName(what, name); err != nil {
			return "", err
		}
	}
	part := func(name string) string { return cmp.Or(name, "*") }
	return n.Failure(part(w.Function), part(w.Version), part(w.Client), part(w.ID)), nil
}

// String says which failures are meant, for people.
func (w Which) String() string {
	text := "jobs"
	if w.ID != "" {
		text = "job " + w.ID
	}
	for _, part := range []struct{ what, name string }{{"of function", w.Function}, {"version", w.Version}, {"of client", w.Client}} {
		if part.name != "" {
			text += fmt.Sprintf(" %s %s", part.what, part.name)
		}
	}
	return text
}
