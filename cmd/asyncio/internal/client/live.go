package client

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// pollEvery is how often a console is asked that has no live events to give.
const pollEvery = time.Second

// maxEvent bounds one event, in bytes: the state of a million tasks has less.
const maxEvent = 1 << 30

// quiet is how long /v1/live may be silent before the state is asked for. A loop that is
// stuck may have nothing to report, and then the answer of the console matters most.
const quiet = 2500 * time.Millisecond

// Watch calls tell with the state of a loop each second, until ctx is done, the
// connection breaks or tell returns an error. It listens to /v1/live, or, if the console
// accepts no more listeners, asks again and again. tell is called on the goroutine of
// Watch.
func (c *Client) Watch(ctx context.Context, loop int, tell func(*wire.Snapshot) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	states, end := make(chan *wire.Snapshot), make(chan error, 1)
	go func() { end <- c.listen(ctx, loop, states) }()
	silence := time.NewTimer(quiet)
	for {
		var err error
		select {
		case s := <-states:
			err = tell(s)
		case <-silence.C:
			err = c.askOnce(ctx, loop, tell)
		case err := <-end:
			if _, refused := errors.AsType[*refusal](err); refused || errors.Is(err, errNoBeginning) {
				return c.poll(ctx, loop, tell)
			}
			return err
		}
		if err != nil {
			return err
		}
		silence.Reset(quiet)
	}
}

// listen sends the states that /v1/live tells.
func (c *Client) listen(ctx context.Context, loop int, states chan<- *wire.Snapshot) error {
	var now Table
	return c.Live(ctx, loop, func(data []byte) error {
		var s wire.State
		if err := json.Unmarshal(data, &s); err != nil {
			return fail(Failed, err, "the console of %s tells what this command cannot read: %v", c.Address.describe(), err)
		}
		if !s.Full && now.tasks == nil {
			return errNoBeginning
		}
		select {
		case states <- now.Apply(&s):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (c *Client) askOnce(ctx context.Context, loop int, tell func(*wire.Snapshot) error) error {
	s, err := c.Snapshot(ctx, loop, 0)
	if err != nil {
		return err
	}
	return tell(s)
}

// errNoBeginning is a change of a state that was never told.
var errNoBeginning = errors.New("the first state has not come")

func (c *Client) poll(ctx context.Context, loop int, tell func(*wire.Snapshot) error) error {
	for {
		if err := c.askOnce(ctx, loop, tell); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pollEvery):
		}
	}
}

// Live tells the data of each event "state" of /v1/live as it came. It returns the error
// of tell, that of the connection, or io.EOF when the console ends the stream.
func (c *Client) Live(ctx context.Context, loop int, tell func(data []byte) error) error {
	stream, err := c.Stream(ctx, Path("live", "loop", strconv.Itoa(loop)))
	if err != nil {
		return err
	}
	defer stream.Close()
	err = events(stream, func(event string, data []byte) error {
		if event != "state" {
			return nil
		}
		return tell(data)
	})
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// events reads server-sent events. It returns io.EOF at the end. It ignores lines that it
// does not understand, as the specification of event streams says.
func events(r io.Reader, tell func(event string, data []byte) error) error {
	lines := bufio.NewReaderSize(r, 64<<10)
	event, data, seen := "", []byte(nil), false
	for {
		line, err := readLine(lines)
		if err != nil {
			return err
		}
		if len(line) == 0 {
			if seen {
				if err := tell(event, data); err != nil {
					return err
				}
			}
			event, data, seen = "", nil, false
			continue
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimPrefix(value, []byte(" "))
		switch string(name) {
		case "event":
			event = string(value)
		case "data":
			if seen {
				data = append(data, '\n')
			}
			data, seen = append(data, value...), true
		}
		if len(data) > maxEvent {
			return errors.New("an event is larger than any state can be")
		}
	}
}

// readLine returns a line without its end.
func readLine(r *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := r.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case err == nil:
			return bytes.TrimSuffix(line[:len(line)-1], []byte("\r")), nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err // the rest of a stream that breaks off is no line
		case len(line) > maxEvent:
			return nil, errors.New("a line is longer than any state can be")
		}
	}
}

// A Table is the state of a loop, kept up to date by what /v1/live says.
type Table struct{ tasks map[uint64]wire.Task }

// Apply takes a change, and returns the whole state after it.
func (t *Table) Apply(s *wire.State) *wire.Snapshot {
	if s.Full || t.tasks == nil {
		t.tasks = map[uint64]wire.Task{}
	}
	for _, task := range s.Tasks {
		t.tasks[task.ID] = task
	}
	for _, id := range s.Gone {
		delete(t.tasks, id)
	}
	whole := s.Snapshot
	whole.Tasks = make([]wire.Task, 0, len(t.tasks))
	for _, task := range t.tasks {
		whole.Tasks = append(whole.Tasks, task)
	}
	slices.SortFunc(whole.Tasks, byStateAndID)
	return &whole
}

// byStateAndID sorts as the console does: those that have ended come last.
func byStateAndID(a, b wire.Task) int {
	if ended := a.State == wire.Done; ended != (b.State == wire.Done) {
		if ended {
			return 1
		}
		return -1
	}
	return cmp.Compare(a.ID, b.ID)
}
