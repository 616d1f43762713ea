package asynctest

import (
	"bytes"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// A Logbook is what happened, in order. Any goroutine may write. The zero
// Logbook is empty.
type Logbook struct {
	mu    sync.Mutex
	lines []string
}

// Add adds a line.
func (d *Logbook) Add(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines = append(d.lines, fmt.Sprintf(format, args...))
}

// Note returns a callback that adds a line.
func (d *Logbook) Note(line string) func() { return func() { d.Add("%s", line) } }

// Lines returns what has been written up to now.
func (d *Logbook) Lines() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.lines)
}

// Expect expects these lines and no others.
func (d *Logbook) Expect(t *testing.T, want ...string) {
	t.Helper()
	if lines := d.Lines(); !slices.Equal(lines, want) {
		t.Errorf("it happened\n\t%s\nwant\n\t%s", strings.Join(lines, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// Reports is what an exception handler was told. Any goroutine may use it.
type Reports struct {
	mu  sync.Mutex
	all []asyncio.ExceptionContext
}

// Take is the exception handler.
func (r *Reports) Take(c asyncio.ExceptionContext) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = append(r.all, c)
}

// Option makes Take the exception handler of a loop.
func (r *Reports) Option() asyncio.Option { return asyncio.OnException(r.Take) }

// List returns what has been told up to now.
func (r *Reports) List() []asyncio.ExceptionContext {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// Expect expects reports that contain these words, in this order, and no others.
func (r *Reports) Expect(t *testing.T, words ...string) []asyncio.ExceptionContext {
	t.Helper()
	all := r.List()
	for i, c := range all {
		if i >= len(words) {
			t.Errorf("an unexpected report: %v", c)
		} else if !strings.Contains(c.String(), words[i]) {
			t.Errorf("report %d is %q, and does not say %q", i, c, words[i])
		}
	}
	for _, missing := range words[min(len(all), len(words)):] {
		t.Errorf("no report says %q", missing)
	}
	if t.Failed() {
		return make([]asyncio.ExceptionContext, len(words))
	}
	return all
}

// ExpectErrors expects reports of these errors, in this order, and no others.
func (r *Reports) ExpectErrors(t *testing.T, want ...error) {
	t.Helper()
	all := r.List()
	for i, c := range all {
		if i >= len(want) || !errors.Is(c.Err, want[i]) {
			t.Errorf("report %d is unexpected: %v", i, c)
		}
	}
	if len(all) < len(want) {
		t.Errorf("%d reports, want %d", len(all), len(want))
	}
}

// CaptureLog returns what package log writes during fn.
func CaptureLog(fn func()) string {
	var b bytes.Buffer
	out, flags := log.Writer(), log.Flags()
	log.SetOutput(&b)
	log.SetFlags(0)
	defer func() {
		log.SetOutput(out)
		log.SetFlags(flags)
	}()
	fn()
	return b.String()
}
