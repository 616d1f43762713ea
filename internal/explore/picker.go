package explore

import (
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A picker lets a chooser decide, and notes what it has chosen.
type picker struct {
	choose chooser
	made   []choice
	line   *Timeline
}

// Pick makes a picker an engine.Picker.
func (p *picker) Pick(ready []*engine.Task) int {
	if p.line.frozen {
		return 0
	}
	i := p.choose(ready)
	p.made = append(p.made, choice{len(ready), i, ready[i].ID()})
	p.line.picked(ready)
	return i
}

// A replay chooses as a schedule says. Where it cannot, it notes that, and
// goes on first in, first out.
type replay struct {
	remaining []choice
	made      int
	diverged  string
}

func (r *replay) choose(ready []*engine.Task) int {
	r.made++
	if r.diverged != "" || len(r.remaining) == 0 {
		return 0
	}
	c := r.remaining[0]
	r.remaining = r.remaining[1:]
	if c.of != len(ready) || ready[c.index].ID() != c.task {
		r.diverged = fmt.Sprintf("choice %d was task number %d of %d that were ready; now %s are",
			r.made, c.task, c.of, strings.Join(names(ready), ", "))
		return 0
	}
	return c.index
}

// divergence says where the replay went another way, or nothing.
func (r *replay) divergence() string {
	if r.diverged == "" && len(r.remaining) > 0 {
		return fmt.Sprintf("the recording has %d more choices after number %d", len(r.remaining), r.made)
	}
	return r.diverged
}
