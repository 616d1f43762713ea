package workers

import (
	"bytes"
	"context"
	"fmt"
	"strconv"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// An output is where all copies print, a line at a time. The queue is short, so that a
// copy which prints more than can be shown has to wait, and memory is bounded.
type output struct {
	stdout, stderr *screen.Screen
	lines          *asyncio.Queue[lines]
	width          int // of the largest number
}

const (
	queued      = 64       // pieces of lines, each of which is at most what was read at once
	longestLine = 64 << 10 // bytes; a longer one is printed in pieces
)

func newOutput(stdout, stderr *screen.Screen, copies int) *output {
	return &output{stdout, stderr, asyncio.NewQueue[lines](queued), len(strconv.Itoa(copies))}
}

// name names a copy.
func (o *output) name(number int) string { return fmt.Sprintf("%*d", o.width, number) }

// tones tell the copies apart.
var tones = []screen.Tone{screen.Beside, screen.Number, screen.String, screen.Keyword, screen.Call}

func tone(number int) screen.Tone { return tones[(number-1)%len(tones)] }

// say prints a line about a copy.
func (o *output) say(ctx context.Context, number int, what string) error {
	name := o.stderr.Paint(tone(number), o.name(number))
	return o.lines.Put(ctx, lines{o.stderr, []byte(name + " " + o.stderr.Paint(screen.Faint, what) + "\n")})
}

// lines are whole lines, and where they go.
type lines struct {
	to   *screen.Screen
	text []byte
}

// print writes in a thread, because a terminal or a pipe may make the writer wait.
func (l lines) print(ctx context.Context) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (int, error) { return l.to.Write(l.text) })
	return err
}

// writer returns what marks the lines that a copy writes. Its Write suspends the task.
func (o *output) writer(ctx context.Context, number int, to *screen.Screen) *marker {
	return &marker{ctx: ctx, out: o, to: to, mark: []byte(to.Paint(tone(number), o.name(number)+" |") + " ")}
}

// A marker marks lines, and keeps the last one until it is whole.
type marker struct {
	ctx  context.Context
	out  *output
	to   *screen.Screen
	mark []byte
	part []byte
}

func (m *marker) Write(p []byte) (int, error) {
	var whole []byte
	for line := range bytes.Lines(p) {
		m.part = append(m.part, line...)
		switch {
		case bytes.HasSuffix(line, newline):
			whole = append(append(whole, m.mark...), m.part...)
			m.part = m.part[:0]
		case len(m.part) >= longestLine:
			whole = append(append(append(whole, m.mark...), m.part...), '\n')
			m.part = m.part[:0]
		}
	}
	if whole == nil {
		return len(p), nil
	}
	return len(p), m.out.lines.Put(m.ctx, lines{m.to, whole})
}

// flush prints a last line that has no end.
func (m *marker) flush() error {
	if len(m.part) == 0 {
		return nil
	}
	_, err := m.Write(newline)
	return err
}

var newline = []byte{'\n'}
