package view

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/wire"
)

func plain(_ screen.Tone, text string) string { return text }

func TestSpan(t *testing.T) {
	for _, test := range []struct {
		d    time.Duration
		want string
	}{
		{-time.Second, "0ns"}, {0, "0ns"}, {999, "999ns"}, {1000, "1.00µs"}, {12_340, "12.3µs"}, {999_400, "999µs"}, {999_600, "1.00ms"},
		{9_994_999, "9.99ms"}, {9_995_000, "10.0ms"}, {999_600_000, "1.00s"}, {59_949 * time.Millisecond, "59.9s"}, {59_950 * time.Millisecond, "1m00s"},
		{125 * time.Second, "2m05s"}, {time.Hour - 400*time.Millisecond, "1h00m"}, {3*time.Hour + 4*time.Minute, "3h04m"}, {24 * time.Hour, "1d00h"}, {9999 * 24 * time.Hour, "9999d00h"},
	} {
		if got := Span(int64(test.d)); got != test.want {
			t.Errorf("%v: %s, want %s", test.d, got, test.want)
		}
	}
	for d := time.Duration(1); d < 99*24*time.Hour; d += d/7 + 1 {
		if text := Span(int64(d)); ansi.StringWidth(text) > 6 {
			t.Errorf("%v takes more than six columns: %s", d, text)
		}
	}
}

func TestNumbers(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{Count(0), "0"}, {Count(999), "999"}, {Count(1000), "1,000"}, {Count(-1234567), "-1,234,567"}, {Count(-123), "-123"},
		{Short(99_999), "99999"}, {Short(100_000), "100k"}, {Short(1_234_567), "1.23M"}, {Short(999_600), "1.00M"}, {Short(1<<64 - 1), "18.4E"},
		{Plural(1, "task"), "1 task"}, {Plural(0, "task"), "0 tasks"}, {Plural(1234, "pass"), "1,234 passes"},
		{Percent(0), "0%"}, {Percent(0.0001), "<0.1%"}, {Percent(0.034), "3.4%"}, {Percent(0.0999), "10%"}, {Percent(2.5), "250%"},
	} {
		if test.got != test.want {
			t.Errorf("got %s, want %s", test.got, test.want)
		}
	}
}

func TestClean(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"日本語 é", "日本語 é"}, {"a\x1b[31mb", "a�[31mb"}, {"a\nb\tc", "a�b�c"}, {"\u009b1m", "�1m"}, {"a\u202eb", "a�b"}, {"a\u2028b", "a�b"}, {"bad \xff", "bad �"},
	} {
		if got := Clean(test.text); got != test.want {
			t.Errorf("%q: %q, want %q", test.text, got, test.want)
		}
	}
	if got := CleanLines("a\n\tb\x1b\n"); got != "a\n        b�\n" {
		t.Errorf("lines: %q", got)
	}
}

func TestTable(t *testing.T) {
	table := func() *Table {
		return &Table{
			Columns: []Column{{Head: "N", Right: true}, {Head: "NAME", Min: 6}, {Head: "END", Right: true}},
			Rows:    [][]Cell{{{Text: "1"}, {Text: "日本語日本語日本語"}, {Text: "x"}}, {{Text: "10"}, {Text: "a"}, {}}},
		}
	}
	for _, test := range []struct {
		width int
		want  string
	}{
		{0, " N  NAME                END\n 1  日本語日本語日本語    x\n10  a"},
		{27, " N  NAME                END\n 1  日本語日本語日本語    x\n10  a"},
		{20, " N NAME          END\n 1 日本語日本語…   x\n10 a"},
		{5, " N NAME   END\n 1 日本…    x\n10 a"}, // there is no room: as narrow as can be
	} {
		got := strings.Join(table().Lines(plain, test.width), "\n")
		if got != test.want {
			t.Errorf("width %d:\n%s\nwant\n%s", test.width, got, test.want)
		}
	}
}

func task(id, parent, group uint64) wire.Task {
	return wire.Task{ID: id, Name: fmt.Sprint("t", id), Parent: parent, Group: group, State: wire.Ready}
}

func waits(id uint64, by ...uint64) wire.Task {
	return wire.Task{ID: id, Name: fmt.Sprint("t", id), State: wire.Waiting, Wait: &wire.Wait{Kind: "task", Text: "task", By: by}}
}

// shape returns the first column of a tree.
func shape(lines []string) string {
	var b strings.Builder
	width := strings.Index(lines[0], "STATE")
	for _, line := range lines[1:] {
		b.WriteString(strings.TrimRight(ansi.Truncate(line, width, ""), " ") + "\n")
	}
	return b.String()
}

func TestTree(t *testing.T) {
	for _, test := range []struct {
		name  string
		state wire.Snapshot
		want  string
	}{
		{"nothing", wire.Snapshot{}, ""},
		{"a parent that is gone", wire.Snapshot{Tasks: []wire.Task{task(5, 4, 0), task(6, 5, 0)}}, "5 t5\n└─ 6 t6\n"},
		{"a group of one that is gone", wire.Snapshot{Tasks: []wire.Task{task(5, 4, 7)}, Groups: []wire.Group{{ID: 7, Owner: 3}}}, "5 t5\n"},
		{
			"groups in groups",
			wire.Snapshot{
				Tasks:  []wire.Task{task(1, 0, 0), task(2, 1, 2), task(3, 1, 1)},
				Groups: []wire.Group{{ID: 1, Kind: "group", Owner: 1}, {ID: 2, Kind: "group", Name: "in", Owner: 1, Parent: 1}},
			},
			"1 t1\n└─ group\n   ├─ group \"in\"\n   │  └─ 2 t2\n   └─ 3 t3\n",
		},
		{"a ring of parents", wire.Snapshot{Tasks: []wire.Task{task(1, 2, 0), task(2, 1, 0)}}, "1 t1\n└─ 2 t2\n"},
		{
			"a ring of groups",
			wire.Snapshot{Tasks: []wire.Task{task(1, 0, 0), task(2, 1, 1)}, Groups: []wire.Group{{ID: 1, Owner: 1, Parent: 2}, {ID: 2, Owner: 1, Parent: 1}}},
			"1 t1\n2 t2\n",
		},
	} {
		if got := shape(Of(&test.state).Tree(plain, 0, false)); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
}

func TestAwaits(t *testing.T) {
	for _, test := range []struct {
		name  string
		tasks []wire.Task
		want  string
	}{
		{"a chain", []wire.Task{waits(1, 2), waits(2, 3), task(3, 0, 0)}, "1 t1\n└─ 2 t2\n   └─ 3 t3\n"},
		{"a cycle", []wire.Task{waits(1, 2), waits(2, 1)}, "1 t1\n└─ 2 t2\n   └─ ↺ 1 t1\n"},
		{"itself", []wire.Task{waits(1, 1)}, "1 t1\n└─ ↺ 1 t1\n"},
		{"two ways", []wire.Task{waits(1, 2, 3), waits(2, 4), waits(3, 4), waits(4, 5), task(5, 0, 0)}, "1 t1\n├─ 2 t2\n│  └─ 4 t4\n│     └─ 5 t5\n└─ 3 t3\n   └─ 4 t4\n"},
		{"one that is not told of", []wire.Task{waits(1, 9)}, "1 t1\n└─ 9\n"},
	} {
		if got := shape(Of(&wire.Snapshot{Tasks: test.tasks}).Awaits(plain, 0)); got != test.want {
			t.Errorf("%s:\n%swant\n%s", test.name, got, test.want)
		}
	}
}

func TestSort(t *testing.T) {
	a := wire.Task{ID: 1, Name: "b", State: wire.Waiting, Since: 5, Steps: 3, Busy: 1}
	b := wire.Task{ID: 2, Name: "a", State: wire.Running, Steps: 9, Busy: 1}
	c := wire.Task{ID: 3, Name: "c", State: wire.Held, Since: 2, Steps: 3, Busy: 7}
	for order, want := range map[string]string{"id": "123", "busy": "312", "since": "312", "steps": "213", "name": "213", "state": "231"} {
		tasks := []*wire.Task{&a, &b, &c}
		Sort(tasks, order, func(t *wire.Task) float64 { return float64(t.Busy) })
		if got := fmt.Sprint(tasks[0].ID, tasks[1].ID, tasks[2].ID); strings.ReplaceAll(got, " ", "") != want {
			t.Errorf("by %s: %s, want %s", order, got, want)
		}
	}
	if len(Orders) != 6 {
		t.Error("an order is not tested")
	}
}

func TestStandstillSaysWhatItKnows(t *testing.T) {
	for at, want := range map[int64]string{0: "nothing else is known of it.", 5: "What follows is the state before."} {
		s := Of(&wire.Snapshot{At: at, Stale: true, Stuck: &wire.Stuck{Task: 1, Name: "main", For: int64(time.Second)}})
		if got := strings.Join(s.Standstill(plain, 200), "\n"); !strings.HasSuffix(got, want) || !strings.Contains(got, "task 1 main holds it") {
			t.Errorf("at %d it says %q", at, got)
		}
	}
}
