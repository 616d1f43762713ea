package pages

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

func film1(t *testing.T, name string) *film {
	t.Helper()
	for _, l := range lessons.All() {
		if l.Name == name {
			rec, err := l.Record(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			return newFilm(rec)
		}
	}
	t.Fatalf("no lesson %s", name)
	return nil
}

// Each step of the loop has a column of its own, in the order in which they ran, wherever
// there is room for that, and none is beyond the last column.
func TestScale(t *testing.T) {
	for _, l := range lessons.All() {
		f := film1(t, l.Name)
		for _, width := range []int{10, 40, 70, 200} {
			s := newScale(f, width)
			if !slices.IsSorted(s.x) {
				t.Fatalf("%s at %d columns: events go back: %v", l.Name, width, s.x)
			}
			if last := s.x[len(s.x)-1]; last > float64(width) {
				t.Errorf("%s at %d columns: the last event is at %v", l.Name, width, last)
			}
			if 2*len(f.steps) > width {
				continue
			}
			column := -1
			for _, step := range f.steps {
				if c := s.col(step.from); c <= column {
					t.Errorf("%s at %d columns: a step begins in column %d, and the one before it in %d", l.Name, width, c, column)
				} else {
					column = c
				}
			}
		}
	}
}

// A row beside the loop in which no time passes is left out: there is nothing to see in it.
func TestRowsInWhichNothingIsSeen(t *testing.T) {
	var names []string
	for _, r := range film1(t, "parallelism").rows {
		names = append(names, r.name)
	}
	if want := []string{"worker-1", "worker-2"}; !slices.Equal(names, want) {
		t.Errorf("the rows beside the loop are %v, want %v", names, want)
	}
}

// What is shown at an event depends on nothing that was shown before.
func TestSpansCoverTheLifeOfATask(t *testing.T) {
	for _, l := range lessons.All() {
		f := film1(t, l.Name)
		for _, r := range f.tasks {
			for i, s := range r.spans {
				if s.to < s.from || i > 0 && s.from < r.spans[i-1].to {
					t.Errorf("%s: %s has spans that overlap: %+v", l.Name, r.name, r.spans)
				}
			}
			if len(r.ends) > 1 {
				t.Errorf("%s: %s has ended %d times", l.Name, r.name, len(r.ends))
			}
		}
	}
}

func TestWhy(t *testing.T) {
	f := film1(t, "concurrency")
	at := f.last(f.length(), func(e *recording.Event) bool {
		return e.Kind == recording.Begin && taskName(f.rec, e.Task) == "vegetables" && e.Step == 2
	})
	var lines []string
	for _, l := range f.why(at) {
		lines = append(lines, fmt.Sprintf("%s %s (%s)", seconds(l.at), l.text, l.detail))
	}
	want := []string{
		"2 s vegetables runs, step 2 (ready for 0.2 s: the loop ran table)",
		"1.8 s its timer was due ()",
		"0.3 s vegetables runs, step 1 (ready for 0.3 s: the loop ran rice)",
		"0 s main created it (line 30)",
		"0 s main runs, step 1 ()",
		"0 s asyncio.Run started it ()",
	}
	if !slices.Equal(lines, want) {
		t.Errorf("the chain is\n%s\nwant\n%s", strings.Join(lines, "\n"), strings.Join(want, "\n"))
	}
}

// There is something to say about each event, and a reason for each step.
func TestEveryStepHasAReason(t *testing.T) {
	for _, l := range lessons.All() {
		f := film1(t, l.Name)
		for n := range f.length() + 1 {
			chain := f.why(n)
			if n > 0 && narrate(f, n) == "" {
				t.Errorf("%s: nothing to say about event %d: %+v", l.Name, n, f.rec.Events[n-1])
			}
			if len(chain) == 0 {
				continue
			}
			for _, link := range chain {
				if link.text == "" || strings.Contains(link.text, "something") {
					t.Errorf("%s, event %d: the chain says %q", l.Name, n, link.text)
				}
			}
		}
	}
}
