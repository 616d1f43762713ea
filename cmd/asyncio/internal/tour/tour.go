// Package tour plays lessons: it shows the idea and the code of a lesson,
// runs it, and draws what happened.
package tour

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/timeline"
	chart "github.com/asyncio-go/asyncio/internal/timeline"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/trace"
)

// frame is the time after which a live drawing is renewed.
const frame = 50 * time.Millisecond

// Tour plays lessons on a screen.
type Tour struct {
	Screen  *screen.Screen
	Speed   float64           // 2: twice as fast
	Within  time.Duration     // if not 0: how long all of it may take, in place of Speed
	ASCII   bool              // draw with ASCII characters only
	Values  map[string]string // of parameters, by name; those that a lesson does not have are not its own
	Command string            // what was typed, for hints
}

// Play plays some lessons, one after another. It stops at the first that
// fails, and when ctx is done.
func (t *Tour) Play(ctx context.Context, chosen []lessons.Lesson) error {
	began := time.Now()
	for i, l := range chosen {
		if t.Within > 0 {
			t.Speed = pace(chosen[i:], t.Within-time.Since(began))
		}
		if err := t.play(ctx, l); err != nil {
			return fmt.Errorf("lesson %s: %w", l.Name, err)
		}
		if err := ctx.Err(); err != nil { // the tour stops even if the lesson has ignored it
			return err
		}
	}
	return t.closing(len(chosen), time.Since(began))
}

func (t *Tour) play(ctx context.Context, l lessons.Lesson) error {
	p := t.page()
	if err := p.show(p.opening(l), p.code(l), p.question(l), p.heading("Output")); err != nil {
		return err
	}
	if err := t.perform(ctx, l); err != nil {
		return err
	}
	p = t.page() // the window may have another width now
	return p.show(p.answer(l, t.values(l)), p.conclusion(l, t.values(l)), p.try(l, t.Command))
}

// perform runs the program of a lesson: its output appears line by line, and
// below it the timeline grows.
func (t *Tour) perform(ctx context.Context, l lessons.Lesson) error {
	recorder := trace.New(trace.Size(-1), trace.Exact())
	drawing := drawing{
		tour: t, loop: l.Loop, name: l.LoopName, recorder: recorder,
		expected: time.Duration(l.Seconds * float64(time.Second)),
	}
	live := t.Screen.StartLive()
	out := &output{show: live.Print, paint: t.Screen.Paint, start: time.Now(), speed: t.Speed}
	stop := drawing.animate(live)
	// A step that computes on a busy machine is slow. A report about that would only
	// confuse the reader.
	err := l.Play(ctx, out, t.Speed, t.values(l), recorder.Observe(), asyncio.SlowStep(-1))
	stop()
	out.flush()
	live.Draw(drawing.final())
	return errors.Join(err, live.End())
}

// values returns those of the values that are of parameters of a lesson.
func (t *Tour) values(l lessons.Lesson) map[string]string {
	values := map[string]string{}
	for _, p := range l.Params {
		if v, ok := t.Values[p.Name]; ok {
			values[p.Name] = v
		}
	}
	return values
}

func (t *Tour) closing(count int, took time.Duration) error {
	if count < 2 {
		return nil
	}
	p := t.page()
	return p.show([]string{p.rule("", p.width), ""}, p.prose(fmt.Sprintf(
		"That was the tour: %d lessons in %.1f seconds. The programs are in the folder lessons; "+
			"%q plays one of them again, %q names them all.",
		count, took.Seconds(), t.Command+" tour gather", t.Command+" tour list")))
}

// invisible says how small a share of the time a thread has been busy whose row would
// show nothing.
const invisible = 200

// A drawing is the timeline of a lesson while it runs, and after.
type drawing struct {
	tour     *Tour
	loop     bool
	name     string // of that row, if the lesson has one
	recorder *trace.Recorder
	expected time.Duration // how long the lesson will take; the axis has room for it from the start
}

// animate draws on live until the function that it returns is called.
func (d *drawing) animate(live *screen.Live) (stop func()) {
	if !d.tour.Screen.Live() {
		return func() {}
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(frame)
		defer ticker.Stop()
		for {
			select {
			case <-quit:
				return
			case <-ticker.C:
				live.Draw(d.now())
			}
		}
	}()
	return func() { close(quit); <-done }
}

// now draws the timeline of a program that still runs.
func (d *drawing) now() []string {
	c := d.chart()
	c.Length = max(c.Length, d.expected)
	return d.lines(c, false)
}

// final draws the timeline of a program that has ended.
func (d *drawing) final() []string { return d.lines(d.chart(), true) }

func (d *drawing) chart() chart.Chart {
	c := chart.OfRecording(d.recorder.Recording())
	c.Rows = slices.DeleteFunc(c.Rows, func(r chart.Row) bool { // nothing would be seen in it
		return r.Kind == chart.ThreadRow && r.Busy()*invisible < c.Length
	})
	for i := range c.Rows {
		if r := &c.Rows[i]; r.Kind == chart.LoopRow && d.name != "" {
			r.Name = d.name
		}
	}
	return c
}

func (d *drawing) lines(c chart.Chart, legend bool) []string {
	p := d.tour.page()
	rows := timeline.Draw(c, timeline.Options{
		Width:  p.width - 2*len(margin),
		Paint:  p.paint,
		ASCII:  d.tour.ASCII,
		Loop:   d.loop,
		Legend: legend,
	})
	lines := append([]string{""}, p.heading("Timeline")...)
	for _, row := range rows {
		lines = append(lines, strings.TrimRight(margin+row, " "))
	}
	return append(lines, "")
}
