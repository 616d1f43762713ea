package console

import (
	"context"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/internal/wire"
)

// Log lets the console log its warnings, with one record of level Warn when one begins
// and one of level Info when it is over. The message is what has happened, for people;
// the attributes are warning (its kind: "blocked-step", "deadlock" ...), loop, key (which
// tells it from others of its kind, and is the same in both records), task, object, text,
// cure, place, count and, when it is over, for (how long it lasted). If a warning is over
// when it is noticed, such as a long step, it is one record, with for; if it comes again,
// the next record is a minute later at the earliest, and count says how often it has
// come.
//
// The console's goroutine calls the logger's handler; for the last records, the goroutine
// that stops the console does. The handler must neither wait for a loop nor stop the
// console. Log is an option of Start, Handler and NewMonitor. A console that
// ASYNCIO_CONSOLE has started does not log, because the program has not asked for it. In
// Python: the logger "asyncio" in debug mode, for slow callbacks only.
func Log(l *slog.Logger) Option {
	if l == nil {
		panic("console: Log with a nil logger: pass slog.Default(), or leave the option out")
	}
	return optionFunc(func(c *settings) { c.loggers = append(c.loggers, l) })
}

// logAgain is how soon what happens over and over is logged again.
const logAgain = int64(time.Minute)

// mostNotes bounds what waits for being logged.
const mostNotes = 1000

// A note is a warning that is to be logged.
type note struct {
	wire.Warning
	stage stage
}

// A stage says what of a warning is logged.
type stage uint8

const (
	begins stage = iota
	ends         // it has lasted, and is over
	event        // it was over when it was noticed
)

func (b *book) note(e *entry, s stage) {
	if len(b.notes) < mostNotes {
		b.notes = append(b.notes, note{e.Warning, s})
	}
}

// noteEvent notes what has happened, perhaps once more, unless that was done lately.
func (b *book) noteEvent(e *entry) {
	if e.noted == 0 || e.Ended-e.noted >= logAgain {
		e.noted = e.Ended
		b.note(e, event)
	}
}

// endAll notes that no warning lasts any more, for the loop has ended.
func (b *book) endAll(now int64) {
	for _, e := range b.entries {
		if e.Ended == 0 {
			e.Ended = now
			e.For = max(now-e.At, e.For)
			b.note(e, ends)
		}
	}
}

// Log lets a logger have the warnings of all loops until stop is called.
func (c *gatherer) Log(l *slog.Logger) (stop func()) {
	own := &l
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loggers = append(c.loggers, own)
	c.poke()
	return func() {
		c.logNotes(c.all())
		c.mu.Lock()
		defer c.mu.Unlock()
		c.loggers = slices.DeleteFunc(slices.Clone(c.loggers), func(o **slog.Logger) bool { return o == own })
	}
}

// logs reports whether there is a logger.
func (c *gatherer) logs() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.loggers) > 0
}

// logNotes logs what has begun or ended since the last time. No lock is held, for a
// handler is code of the user's.
func (c *gatherer) logNotes(loops []*watched) {
	c.mu.Lock()
	loggers := c.loggers
	c.mu.Unlock()
	for _, w := range loops {
		w.mu.Lock()
		notes := w.warnings.notes
		w.warnings.notes = nil
		w.mu.Unlock()
		for i := range notes {
			for _, l := range loggers {
				notes[i].log(*l, w.id)
			}
		}
	}
}

func (n *note) log(l *slog.Logger, loop int) {
	level, message := slog.LevelWarn, n.Title
	if n.stage == ends {
		level, message = slog.LevelInfo, "Over: "+n.Title
	}
	attrs := []slog.Attr{slog.String("warning", n.ID), slog.Int("loop", loop), slog.String("key", n.Key)}
	if n.Task != 0 {
		attrs = append(attrs, slog.Uint64("task", n.Task))
	}
	if n.Obj != 0 {
		attrs = append(attrs, slog.Uint64("object", n.Obj))
	}
	attrs = append(attrs, slog.String("text", n.Text), slog.String("cure", n.Cure))
	if n.Frame != nil && n.Frame.File != "" {
		attrs = append(attrs, slog.String("place", n.Frame.Path+":"+strconv.Itoa(n.Frame.Line)))
	}
	attrs = append(attrs, slog.Int("count", n.Count))
	if n.stage != begins {
		attrs = append(attrs, slog.Duration("for", time.Duration(n.For)))
	}
	l.LogAttrs(context.Background(), level, message, attrs...)
}
