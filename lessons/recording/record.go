package recording

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// A Program is what is recorded.
type Program struct {
	Lesson string                          // its name
	Values map[string]string               // of all parameters
	File   string                          // how the path of its file ends
	Line   func(n int) int                 // which line that is shown is the line n of the file; 0: it is not shown
	Run    func(ctx context.Context) error // runs it; its context has come from lesson.With

	Asked func(name, value string) // see lesson.Env; may be nil

	// MaxEvents and MaxLength bound the recording; 0 stands for DefaultMaxEvents and
	// DefaultMaxLength.
	MaxEvents int
	MaxLength time.Duration

	heard func(events int, l *engine.Loop) // is called whenever so many events are written down and all of them are
}

// The bounds of a recording. People look at it.
const (
	DefaultMaxEvents = 20_000
	DefaultMaxLength = time.Hour
)

// Record runs a program on the virtual clock and returns what it has done. If the program
// fails, the recording has the error, and Record returns none. It returns an error if ctx
// is canceled, and if the program does more than the bounds of p allow.
func Record(ctx context.Context, p Program) (*Recording, error) {
	r := newRecorder(p)
	inner, cancel := context.WithCancelCause(context.WithoutCancel(ctx)) // without a deadline of the real clock
	defer cancel(nil)
	r.cancel = cancel
	defer context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })()
	env := &lesson.Env{Out: printer{r}, Values: maps.Clone(p.Values), Asked: p.Asked, Pace: r, Options: r.options()}
	err := call(lesson.With(inner, env), p.Run)
	switch {
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case r.failure() != nil:
		return nil, r.failure()
	}
	return r.finish(err), nil
}

// call runs a program on a goroutine of its own, so that the program may end its
// goroutine. It replaces the error of the program by a new one with the first line of its
// text.
func call(ctx context.Context, run func(context.Context) error) (err error) {
	over := make(chan struct{})
	go func() {
		err = errGoexit
		defer close(over)
		defer func() {
			if v := recover(); v != nil {
				err = panicked(v)
			}
		}()
		if e := run(ctx); e != nil {
			err = errors.New(firstLine(e.Error())) // Error is a method of the program, and may panic, too
		} else {
			err = nil
		}
	}()
	<-over
	return err
}

var (
	errGoexit = errors.New("it has called runtime.Goexit")
	errStuck  = errors.New("the program waits for ever: nothing is left that could wake any of its tasks")
)

func panicked(v any) error {
	if p, ok := v.(*asyncio.PanicError); ok {
		v = p.Value
	}
	return errors.New(firstLine(fmt.Sprintf("panic: %v", v)))
}

func newRecorder(p Program) *recorder {
	r := &recorder{
		program: p,
		world:   &virtual.World{Threads: true, Patience: 100 * time.Millisecond},
		lines:   map[uint64]int{}, steps: map[uint64]int{}, begun: map[uint64]int{}, paused: map[uint64]bool{},
		items: map[engine.Slot]*Item{}, owners: map[uint64]uint64{},
		rowsOf: map[int64]string{}, busy: map[string][]string{},
		recording: &Recording{Version: Version, Lesson: p.Lesson, Values: p.Values},
	}
	if r.program.MaxEvents == 0 {
		r.program.MaxEvents = DefaultMaxEvents
	}
	if r.program.MaxLength == 0 {
		r.program.MaxLength = DefaultMaxLength
	}
	r.world.Rests, r.world.Stuck = r.rests, func() error { return errStuck }
	return r
}

// options lets a loop run in the recorder's world, and be heard by it.
func (r *recorder) options() []asyncio.Option {
	return []asyncio.Option{
		r.world.Option(),
		simnet.InMemory(),
		config.Func(func(c *config.Config) {
			c.Prepare = append(c.Prepare, r.hearLoop)
		}),
		asyncio.OnException(r.report),
	}
}

// report notes an error that no one has taken. It may be called on any goroutine.
func (r *recorder) report(c asyncio.ExceptionContext) {
	text := strings.TrimPrefix(c.Message, "asyncio: ")
	if c.Err != nil {
		text += ": " + firstLine(c.Err.Error())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.put(Event{Kind: Report, Task: r.task(c.Task.ID), Text: text})
}

func firstLine(text string) string {
	text, _, _ = strings.Cut(text, "\n")
	return text
}

// errOver is what keeps goroutines that the program has left behind from adding to its
// recording.
var errOver = errors.New("the program is over")

// finish returns the recording, and ends it. What the loop does when all tasks have ended,
// to wind up, is of no interest.
func (r *recorder) finish(err error) *Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.printRest()
	r.err = errOver
	rec := r.recording
	r.recording = new(Recording)
	n := len(rec.Events)
	for n > 0 && windsUp[rec.Events[n-1].Kind] {
		n--
	}
	rec.Events = rec.Events[:n]
	if n > 0 {
		rec.Length = rec.Events[n-1].T
	}
	rec.Events = append(rec.Events, Event{Kind: Over, T: rec.Length})
	if err != nil {
		rec.Error = err.Error()
	}
	return rec
}

// windsUp are the kinds of events that come last, and say nothing of the program.
var windsUp = map[string]bool{
	Pass: true, Push: true, Take: true, Timer: true, Stop: true, Due: true, Asleep: true, Awake: true,
}
