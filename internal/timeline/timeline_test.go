package timeline_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/internal/timeline"
)

var update = flag.Bool("update", false, "write what is drawn into testdata")

// origin is when the events begin: a chart does not depend on it.
const origin = 5 * time.Hour

// A file of testdata has a script of events in its section "events", and drawings in
// sections named by the options they are drawn with: the width, then words as in
// parseOptions.
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
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	head, sections := parseSections(string(text))
	events := parseEvents(t, sections[0].data)
	rewritten := head + sections[0].String()
	for _, s := range sections[1:] {
		options, now, since := parseOptions(t, s.name)
		chart := timeline.Build(events, now)
		if since != 0 {
			chart = chart.Since(since)
		}
		got := strings.Join(chart.Render(options), "\n") + "\n"
		if options.Style == nil {
			checkWidth(t, s.name, got, options.Width)
		}
		if got != s.data && !*update {
			t.Errorf("drawing %q:\n%s\nwant:\n%s", s.name, got, s.data)
		}
		s.data = got
		rewritten += s.String()
	}
	if *update {
		if err := os.WriteFile(file, []byte(rewritten), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// A section of a file begins with a line "-- name --".
type section struct{ name, data string }

func (s section) String() string { return "-- " + s.name + " --\n" + s.data }

var sectionLine = regexp.MustCompile(`(?m)^-- (.+) --\n`)

func parseSections(text string) (head string, sections []section) {
	marks := sectionLine.FindAllStringSubmatchIndex(text, -1)
	for i, m := range marks {
		end := len(text)
		if i+1 < len(marks) {
			end = marks[i+1][0]
		}
		sections = append(sections, section{text[m[2]:m[3]], text[m[1]:end]})
	}
	return text[:marks[0][0]], sections
}

func checkWidth(t *testing.T, name, drawing string, width int) {
	t.Helper()
	for line := range strings.Lines(drawing) {
		if w := columns(strings.TrimSuffix(line, "\n")); w > width {
			t.Errorf("drawing %q: a line is %d columns wide: %q", name, w, line)
		}
	}
}

func columns(text string) (n int) {
	for text != "" {
		c, w := timeline.Character(text)
		n, text = n+w, text[len(c):]
	}
	return n
}

// parseOptions reads "60 ascii loop legend now=2s since=1s".
func parseOptions(t *testing.T, words string) (o timeline.Options, now, since time.Duration) {
	t.Helper()
	now = -1
	o.Glyphs = timeline.Unicode
	for word := range strings.FieldsSeq(words) {
		key, value, _ := strings.Cut(word, "=")
		switch {
		case word == "ascii":
			o.Glyphs = timeline.ASCII
		case word == "loop":
			o.Loop = true
		case word == "legend":
			o.Legend = true
		case word == "roles":
			o.Style = func(r timeline.Role, text string) string { return fmt.Sprintf("<%d>%s</>", r, text) }
		case key == "now":
			now = origin + parseDuration(t, value)
		case key == "since":
			since = parseDuration(t, value)
		default:
			o.Width = parseNumber(t, word)
		}
	}
	return o, now, since
}

// parseEvents reads lines such as
//
//	1.5s block 2 sleep 1s
//
// which are a time, a verb, a subject, and a detail: the task's name, what it
// waits for, how it ended, or its host. What hosts send is a line such as
//
//	1.5s data client server 1.52s
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
		e := timeline.Event{Kind: kinds[verb], At: origin + parseDuration(t, fields[0]), Name: names[subject]}
		switch verb {
		case "thread", "endthread", "elsewhere", "endelsewhere":
			e.Thread, e.Outcome, e.Elsewhere = subject, outcomes[detail], strings.HasSuffix(verb, "elsewhere")
		case "pass", "endpass":
		case "up", "down":
			e.Host = subject
		case "data", "connect", "refuse", "lost":
			to, arrives, _ := strings.Cut(detail, " ")
			e.Host, e.To, e.Message = subject, to, messages[verb]
			if arrives != "" {
				e.Arrives = origin + parseDuration(t, arrives)
			}
		case "on":
			e.Task, e.Host = uint64(parseNumber(t, subject)), detail
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
	"elsewhere": timeline.ThreadBegin, "endelsewhere": timeline.ThreadEnd,
	"on": timeline.TaskHosted, "up": timeline.HostUp, "down": timeline.HostDown,
	"data": timeline.MessageSent, "connect": timeline.MessageSent, "refuse": timeline.MessageSent, "lost": timeline.MessageSent,
}

var messages = map[string]timeline.MessageKind{
	"data": timeline.Data, "connect": timeline.Connecting, "refuse": timeline.Refusing, "lost": timeline.Lost,
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

func TestControlCharactersOfNamesAreNotWritten(t *testing.T) {
	chart := timeline.Build([]timeline.Event{
		{Kind: timeline.TaskSpawned, Task: 1, Name: "a\x1b[2Jb"},
		{Kind: timeline.TaskBlocked, Task: 1, On: "queue \r\n\u009b1m"},
		{Kind: timeline.TaskDone, Task: 1, At: time.Second, Outcome: timeline.Done},
	}, -1)
	for _, line := range chart.Render(timeline.Options{Width: 70, Glyphs: timeline.ASCII}) {
		if strings.ContainsAny(line, "\x1b\r\n\u009b") {
			t.Errorf("a line has control characters: %q", line)
		}
	}
}

func TestWidthsOfCharacters(t *testing.T) {
	for text, want := range map[string]int{
		"": 0, "A": 1, "é": 1, "e\u0301": 1, "ご": 2, "한": 2, "ﾊ": 1, "Ａ": 2, "👩‍🍳": 2, "👍🏽": 2, "🇫🇷": 2, "❤️": 2,
		"🏴\U000e0067\U000e0062\U000e007f": 2, "\xff": 1,
	} {
		if c, got := timeline.Character(text); c != text || got != want {
			t.Errorf("%q: character %q of %d columns, want %d", text, c, got, want)
		}
	}
	if c, w := timeline.Character("🇫🇷🇩🇪"); c != "🇫🇷" || w != 2 {
		t.Errorf("two flags: %q of %d columns", c, w)
	}
}

// Of many hosts and tasks, those are drawn that do the most.
func TestBusiest(t *testing.T) {
	at := func(s int) time.Duration { return time.Duration(s) * time.Second }
	var events []timeline.Event
	add := func(e timeline.Event) { events = append(events, e) }
	add(timeline.Event{Kind: timeline.TaskSpawned, Task: 1, Name: "main"})
	for i, host := range []string{"a", "b", "c", "d"} {
		task := uint64(i + 2)
		add(timeline.Event{Kind: timeline.HostUp, Host: host})
		add(timeline.Event{Kind: timeline.TaskSpawned, Task: task, Name: "on " + host})
		add(timeline.Event{Kind: timeline.TaskHosted, Task: task, Host: host})
		add(timeline.Event{Kind: timeline.StepBegin, Task: task})
		add(timeline.Event{Kind: timeline.StepEnd, Task: task, At: at(i)})
	}
	for _, to := range []string{"a", "d", "d", "c"} {
		add(timeline.Event{Kind: timeline.MessageSent, Host: "b", To: to, At: at(5), Arrives: at(6)})
	}
	chart := timeline.Build(events, at(7))
	if tasks, hosts := chart.Busiest(2, 3); tasks != 1 || hosts != 2 {
		t.Errorf("%d tasks and %d hosts are hidden, want 1 and 2", tasks, hosts)
	}
	want := []string{
		"localhost ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄",
		"b         ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┬┄┄┄┄┄┄┄┄",
		"  on b    ████░░░░░░░░░░░░░░░░░│░░░░░░░░",
		"d         ┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄┄╰───►2┄┄┄",
		"  on d    █████████████░░░░░░░░░░░░░░░░░",
	}
	got := chart.Render(timeline.Options{Width: 40, Glyphs: timeline.Unicode})
	if got = got[:len(got)-2]; !slices.Equal(got, want) {
		t.Errorf("the drawing is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
