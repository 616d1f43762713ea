package console

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A logbook is where a logger writes, and tests read.
type logbook struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// records returns what was logged.
func (l *logbook) records(t *testing.T) (all []map[string]any) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	for line := range bytes.Lines(l.buf.Bytes()) {
		var r map[string]any
		if err := json.Unmarshal(line, &r); err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

func TestWarningsAreLogged(t *testing.T) {
	gathering(t, func(t *testing.T, c *gatherer, f *fakeLoop) {
		var log logbook
		stop := c.Log(slog.New(slog.NewJSONHandler(&log, nil)))
		second := func() {
			f.mu.Lock()
			f.time += sec
			f.mu.Unlock()
			time.Sleep(time.Second)
		}
		f.mu.Lock()
		f.time += 10 * sec
		f.state.Tasks = []wire.Task{waitingFor(2, "lock", sec, 1)}
		f.state.Objects = []wire.Object{{ID: 7, Kind: "lock", Name: "db", Holder: 1, Since: sec, Waiters: 1}}
		f.mu.Unlock()
		for range 5 {
			second()
		}
		all := log.records(t)
		if len(all) != 1 {
			t.Fatalf("there are %d records: %v", len(all), all)
		}
		r := all[0]
		if r["level"] != "WARN" || r["msg"] != `The lock "db" is held for long` || r["warning"] != "long-wait-on-lock" || r["loop"] != 1.0 ||
			r["task"] != 1.0 || r["object"] != 7.0 || r["count"] != 1.0 || r["text"] == "" || r["cure"] == "" || r["for"] != nil {
			t.Errorf("the record is %v", r)
		}
		f.mu.Lock()
		f.state.Objects = nil
		f.mu.Unlock()
		for range 5 {
			second()
		}
		all = log.records(t)
		if len(all) != 2 {
			t.Fatalf("there are %d records: %v", len(all), all)
		}
		if r := all[1]; r["level"] != "INFO" || !strings.HasPrefix(r["msg"].(string), "Over: ") || r["key"] != all[0]["key"] || r["for"].(float64) < 1e9 {
			t.Errorf("its end is %v", r)
		}
		stop()
		stop()
		f.mu.Lock()
		f.state.Objects = []wire.Object{{ID: 8, Kind: "lock", Holder: 1, Since: 1, Waiters: 1}}
		f.mu.Unlock()
		second()
		if n := len(log.records(t)); n != 2 {
			t.Errorf("%d records come after the end", n-2)
		}
	})
}

// What comes again and again is logged once a minute, with how often it has come.
func TestEventsAreLoggedSeldom(t *testing.T) {
	b := newBench(t)
	for range 130 {
		b.f.time += sec
		b.happen(step(engine.Yields, 7, b.f.time-200*msec, b.f.time))
	}
	var counts []int
	for _, n := range b.w.warnings.notes {
		if n.stage != event || n.ID != wire.BlockedStep {
			t.Errorf("a note is %+v", n)
		}
		counts = append(counts, n.Count)
	}
	if len(counts) != 3 || counts[0] != 1 || counts[1] != 61 || counts[2] != 121 {
		t.Errorf("those that are logged are the ones of number %v", counts)
	}
}

func TestWarningsThatNoOneLogsAreBounded(t *testing.T) {
	b := newBench(t)
	for i := range int64(3 * mostNotes) {
		at := (i + 1) * 100 * sec
		b.happen(step(engine.Yields, 7, at-200*msec, at))
	}
	if n := len(b.w.warnings.notes); n != mostNotes {
		t.Errorf("%d notes wait", n)
	}
}

// A warning that lasts ends with its loop, and is logged before the console has stopped.
func TestLogOfAProgram(t *testing.T) {
	var log logbook
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		stop, err := Start(ctx, TCP("127.0.0.1:0"), Log(slog.New(slog.NewJSONHandler(&log, nil))))
		if err != nil {
			return err
		}
		defer stop()
		time.Sleep(150 * time.Millisecond) //asyncio:ok blocks keeps the loop, which the log is to tell
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		return asyncio.ToThreadFunc(ctx, func(context.Context) error {
			asynctest.Eventually(t, "it is logged", func() bool { return len(log.records(t)) > 0 })
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	r := log.records(t)[0]
	if r["warning"] != "blocked-step" || r["level"] != "WARN" || r["for"].(float64) < 100e6 { // of 150 ms, by another clock
		t.Errorf("the record is %v", r)
	}
}

func TestLogWithoutALogger(t *testing.T) {
	defer func() {
		if text, ok := recover().(string); !ok || !strings.Contains(text, "slog.Default") {
			t.Errorf("it panics with %v", text)
		}
	}()
	Log(nil)
}
