package timeline_test

import (
	"flag"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"
	"github.com/rogpeppe/go-internal/txtar"

	"os"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/timeline"
)

var update = flag.Bool("update", false, "write what is drawn into testdata")

var origin = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// A file of testdata is a txtar archive: a script of events in "events", and
// drawings in sections named by the options they are drawn with: the width,
// then words as in parseOptions.
func TestDrawings(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no testdata: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) { testFile(t, file) })
	}
}

func testFile(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	events := parseEvents(t, string(archive.Files[0].Data))
	for i, section := range archive.Files[1:] {
		options, now := parseOptions(t, section.Name)
		got := strings.Join(timeline.Build(events, now).Render(options), "\n") + "\n"
		if options.Style == nil {
			checkWidth(t, section.Name, got, options.Width)
		}
		if *update {
			archive.Files[i+1].Data = []byte(got)
		} else if want := string(section.Data); got != want {
			t.Errorf("drawing %q:\n%s\nwant:\n%s", section.Name, got, want)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func checkWidth(t *testing.T, name, drawing string, width int) {
	t.Helper()
	for line := range strings.Lines(drawing) {
		if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
			t.Errorf("drawing %q: a line is %d columns wide: %q", name, w, line)
		}
	}
}

// parseOptions reads "60 ascii loop legend now=2s".
func parseOptions(t *testing.T, words string) (o timeline.Options, now time.Time) {
	t.Helper()
	o.Glyphs = timeline.Unicode
	for word := range strings.FieldsSeq(words) {
		value, isNow := strings.CutPrefix(word, "now=")
		switch {
		case word == "ascii":
			o.Glyphs = timeline.ASCII
		case word == "loop":
			o.Loop = true
		case word == "legend":
			o.Legend = true
		case word == "roles":
			o.Style = func(r timeline.Role, text string) string { return fmt.Sprintf("<%d>%s</>", r, text) }
		case isNow:
			now = origin.Add(parseDuration(t, value))
		default:
			o.Width = parseNumber(t, word)
		}
	}
	return o, now
}

// parseEvents reads lines such as
//
//	1.5s block 2 sleep 1s
//
// which are a time, a verb, a subject, and a detail: the task's name, what it
// waits for, or how it ended.
func parseEvents(t *testing.T, script string) []timeline.Event {
	t.Helper()
	names := map[string]string{}
	var events []timeline.Event
	for line := range strings.Lines(script) {
		fields := strings.SplitN(strings.TrimSpace(line), " ", 4)
		for len(fields) < 4 {
			fields = append(fields, "")
		}
		verb, subject, detail := fields[1], fields[2], fields[3]
		if verb == "spawn" {
			names[subject] = detail
		}
		e := timeline.Event{Kind: kinds[verb], At: origin.Add(parseDuration(t, fields[0])), Name: names[subject]}
		switch verb {
		case "thread", "endthread":
			e.Thread, e.Outcome = subject, outcomes[detail]
		case "pass", "endpass":
		default:
			e.Task, e.On, e.Outcome = uint64(parseNumber(t, subject)), detail, outcomes[detail]
		}
		events = append(events, e)
	}
	return events
}

var kinds = map[string]timeline.Kind{
	"spawn": timeline.TaskSpawned, "begin": timeline.StepBegin, "end": timeline.StepEnd,
	"block": timeline.TaskBlocked, "wake": timeline.TaskWoken, "done": timeline.TaskDone,
	"pass": timeline.PassBegin, "endpass": timeline.PassEnd,
	"thread": timeline.ThreadBegin, "endthread": timeline.ThreadEnd,
}

var outcomes = map[string]timeline.Outcome{
	"ok": timeline.Done, "failed": timeline.Failed, "canceled": timeline.Canceled,
}

func parseDuration(t *testing.T, text string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func parseNumber(t *testing.T, text string) int {
	t.Helper()
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
