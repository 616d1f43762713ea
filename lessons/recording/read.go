package recording

import (
	"encoding/json"
	"fmt"
	"io"
)

// WriteJSON writes the recording as one line.
func (r *Recording) WriteJSON(w io.Writer) error {
	b, err := json.Marshal(r)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}

// ReadJSON reads a recording that WriteJSON has written, and checks that it is one that can
// be folded.
func ReadJSON(in io.Reader) (*Recording, error) {
	r := new(Recording)
	if err := json.NewDecoder(in).Decode(r); err != nil {
		return nil, fmt.Errorf("recording: this is not the JSON of a recording: %w", err)
	}
	if err := r.check(true); err != nil {
		return nil, fmt.Errorf("recording: %w", err)
	}
	return r, nil
}

// check returns an error if the recording is none of this version, or has a gap.
func (r *Recording) check(mayHaveWays bool) error {
	if r.Version != Version {
		return fmt.Errorf("it has version %d of the format, and this program reads version %d: record the lesson again", r.Version, Version)
	}
	for i, t := range r.Tasks {
		if t.ID != uint64(i)+1 {
			return fmt.Errorf("tasks[%d] has the id %d: tasks are numbered from 1, in order", i, t.ID)
		}
	}
	for i := range r.Events {
		if err := r.checkEvent(i); err != nil {
			return fmt.Errorf("events[%d]: %w", i, err)
		}
	}
	for i, way := range r.Ways {
		switch {
		case !mayHaveWays:
			return fmt.Errorf("ways[%d] is within a way: only a lesson has ways", i)
		case way.Recording == nil:
			return fmt.Errorf("ways[%d] has no recording", i)
		}
		if err := way.Recording.check(false); err != nil {
			return fmt.Errorf("ways[%d]: %w", i, err)
		}
	}
	return nil
}

func (r *Recording) checkEvent(i int) error {
	e := &r.Events[i]
	switch {
	case !kinds[e.Kind]:
		return fmt.Errorf("%q is no kind of event of version %d", e.Kind, Version)
	case e.T < 0, i > 0 && e.T < r.Events[i-1].T:
		return fmt.Errorf("its time, %d, is before that of the event before", e.T)
	case e.T > r.Length:
		return fmt.Errorf("its time, %d, is after the end, %d", e.T, r.Length)
	case e.Task > uint64(len(r.Tasks)):
		return fmt.Errorf("there is no task %d", e.Task)
	}
	return nil
}

var kinds = map[string]bool{
	Pass: true, Spawn: true, Hold: true, Push: true, Take: true, Begin: true, End: true,
	Call: true, Called: true, Wake: true, Timer: true, Due: true, Stop: true, Opened: true,
	Left: true, Cancel: true, Done: true, Print: true, Report: true, Work: true, Block: true,
	Row: true, Asleep: true, Awake: true, Over: true,
}
