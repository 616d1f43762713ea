package console

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A fake stands in for the collector. It has one loop with one task, and sends what a
// test puts into its channel.
type fake struct {
	frames  chan any
	endless chan error // not nil: a dump has no end, and its error is sent here

	mu       sync.Mutex
	watched  []*engine.Loop // nil: all that come
	canceled []uint64
	clients  int
	closed   int
}

// useFake lets consoles that are started in this test share a fake, and expects that
// they leave nothing of it.
func useFake(t *testing.T) *fake {
	t.Helper()
	f := &fake{frames: make(chan any)}
	before := newCollector
	made := 0
	newCollector = func(int64) collector { made++; return f }
	t.Cleanup(func() {
		newCollector = before
		f.mu.Lock()
		defer f.mu.Unlock()
		if len(f.watched) > 0 || f.clients > 0 || f.closed != made {
			t.Errorf("watched are %d loops, %d clients subscribe; made were %d collectors and closed %d", len(f.watched), f.clients, made, f.closed)
		}
	})
	return f
}

func (f *fake) Hello() wire.Hello {
	return wire.Hello{V: wire.Version, PID: 7, Loops: []wire.Loop{{ID: 1, Name: "loop 1"}}}
}

func (f *fake) Snapshot(ctx context.Context, loop, limit int) (*wire.Snapshot, error) {
	if err := f.check(loop, 1); err != nil {
		return nil, err
	}
	return &wire.Snapshot{Loop: 1, Truncated: limit, Tasks: []wire.Task{{ID: 1, Name: "A"}}}, ctx.Err()
}

func (f *fake) Task(_ context.Context, loop int, id uint64) (*wire.TaskDetail, error) {
	if err := f.check(loop, id); err != nil {
		return nil, err
	}
	return &wire.TaskDetail{Task: wire.Task{ID: 1, Name: "A"}}, nil
}

func (f *fake) Deadlocks(_ context.Context, loop int) (wire.Deadlocks, error) {
	return wire.Deadlocks{Deadlocks: []wire.Warning{}}, f.check(loop, 1)
}

func (f *fake) WriteTrace(w io.Writer, loop, seconds int, format string) error {
	if err := f.check(loop, 1); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, `{"seconds":%d,"format":%q}`, seconds, format)
	return err
}

func (f *fake) Dump(_ context.Context, loop int, w io.Writer) error {
	if err := f.check(loop, 1); err != nil {
		return err
	}
	text := "task A"
	if f.endless != nil {
		text = strings.Repeat(text, 10000)
	}
	for {
		_, err := io.WriteString(w, text)
		if f.endless == nil {
			return err
		}
		if err != nil {
			f.endless <- err
			return err
		}
	}
}

func (f *fake) Cancel(_ context.Context, loop int, task uint64) error {
	if err := f.check(loop, task); err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.canceled = append(f.canceled, task)
	return nil
}

func (f *fake) check(loop int, task uint64) error {
	switch {
	case loop > 1:
		return fmt.Errorf("%w: loop %d", errNoLoop, loop)
	case task != 1:
		return fmt.Errorf("%w: task %d", errNoTask, task)
	}
	return nil
}

func (f *fake) Subscribe(loop, _ int) (*subscription, error) {
	if err := f.check(loop, 1); err != nil {
		return nil, err
	}
	f.count(+1)
	return &subscription{C: f.frames, close: sync.OnceFunc(func() { f.count(-1) })}, nil
}

func (f *fake) count(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.clients += n
}

func (f *fake) subscribed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.clients
}

func (f *fake) loops() []*engine.Loop {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.watched)
}

func (f *fake) Attach(l *engine.Loop) (detach func(), err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.watched = append(f.watched, l)
	return sync.OnceFunc(func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		i := slices.Index(f.watched, l)
		f.watched = slices.Delete(f.watched, i, i+1)
	}), nil
}

func (f *fake) AttachMade(l *engine.Loop) (detach func(), err error) { return f.Attach(l) }

func (f *fake) Log(*slog.Logger) (stop func()) { return func() {} }

func (f *fake) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed++
}

// errorOf returns the sentence of an answer that is an error.
func errorOf(t *testing.T, body []byte) string {
	t.Helper()
	var e wire.Error
	if err := json.Unmarshal(body, &e); err != nil || e.Error == "" {
		t.Errorf("the body %q is no error: %v", body, err)
	}
	return e.Error
}

// get asks a console.
func get(t *testing.T, c *http.Client, url string) (status int, body []byte) {
	t.Helper()
	answer, err := c.Get(url)
	if err != nil {
		t.Error(err)
		return 0, nil
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		t.Error(err)
	}
	return answer.StatusCode, body
}

// clientOf returns a client for the console at a path.
func clientOf(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", path)
		},
	}}
}
