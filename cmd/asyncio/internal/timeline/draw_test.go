package timeline_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/timeline"
	chart "github.com/asyncio-go/asyncio/internal/timeline"
)

var names = []string{
	"main", "ご飯を炊いている人", "naïve 👩‍🍳", "e\u0301te\u0301", "한국어", "🇫🇷 and 🇩🇪", "❤️", "👍🏽", "✓ done", "Ａ", "１２",
	"ไทย",
}

func lives() chart.Chart {
	var b chart.Builder
	for i, name := range names {
		id := uint64(i + 1)
		b.Add(chart.Event{Kind: chart.TaskSpawned, Task: id, Name: name})
		b.Add(chart.Event{Kind: chart.TaskBlocked, Task: id, On: "queue " + name})
		b.Add(chart.Event{Kind: chart.TaskDone, Task: id, At: time.Second, Outcome: chart.Done})
	}
	return b.Chart(-1)
}

// Package timeline of the library has no tables of Unicode, and still draws what the
// command draws.
func TestPlainDrawingsAreThoseOfTheLibrary(t *testing.T) {
	var out bytes.Buffer
	for _, width := range []int{30, 40, 80} {
		got := timeline.Draw(lives(), timeline.Options{Width: width, Paint: screen.Plain(&out, width).Paint, Legend: true})
		want := lives().Render(chart.Options{Width: width, Glyphs: chart.Unicode, Legend: true})
		if !slices.Equal(got, want) {
			t.Errorf("at %d columns, the command draws\n%s\nand the library\n%s", width, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
		for _, line := range got {
			if w := ansi.StringWidth(line); w > width {
				t.Errorf("a line is %d columns wide, of %d: %q", w, width, line)
			}
		}
	}
}

func TestDrawingsAreColored(t *testing.T) {
	mark := func(tone screen.Tone, text string) string {
		if tone == screen.Good {
			return "<good>" + text + "</good>"
		}
		return text
	}
	drawn := strings.Join(timeline.Draw(lives(), timeline.Options{Width: 60, Paint: mark, ASCII: true}), "\n")
	if strings.Count(drawn, "<good>+</good>") != len(names) {
		t.Errorf("the ends are not colored:\n%s", drawn)
	}
}
