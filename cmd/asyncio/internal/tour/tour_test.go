package tour_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tour"
	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// like returns a real lesson with another program, for its texts and sources.
func like(name string, run func(context.Context) error) lessons.Lesson {
	for _, l := range lessons.All() {
		if l.Name == name {
			l.Run = run
			return l
		}
	}
	panic("no lesson " + name)
}

func play(ctx context.Context, width int, chosen ...lessons.Lesson) (string, error) {
	var out bytes.Buffer
	t := tour.Tour{Screen: screen.Plain(&out, width), Speed: 100}
	err := t.Play(ctx, chosen)
	return out.String(), err
}

func TestOutputIsShownLineByLine(t *testing.T) {
	shown, err := play(t.Context(), 80, like("gather", func(ctx context.Context) error {
		env := lesson.Of(ctx)
		fmt.Fprint(env.Out, "one line\nanother ")
		fmt.Fprint(env.Out, "line\nthe last one has no end")
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"s  one line\n", "s  another line\n", "s  the last one has no end\n"} {
		if !strings.Contains(shown, line) {
			t.Errorf("%q is missing in\n%s", line, shown)
		}
	}
}

func TestTimelineHasTheTasksOfTheProgram(t *testing.T) {
	shown, err := play(t.Context(), 80, like("gather", func(ctx context.Context) error {
		env := lesson.Of(ctx)
		return asyncio.Run(ctx, func(ctx context.Context) error {
			task := asyncio.Go(ctx, asyncio.Yield, asyncio.Name("ご飯"))
			_, err := task.Await(ctx)
			return err
		}, env.Options...)
	}))
	if err != nil {
		t.Fatal(err)
	}
	_, timeline, _ := strings.Cut(shown, "Timeline")
	if !strings.Contains(timeline, "  main ") || !strings.Contains(timeline, "  ご飯 ") {
		t.Errorf("rows are missing in\n%s", timeline)
	}
}

var errBroken = errors.New("broken")

func TestTourStopsAtTheFirstFailure(t *testing.T) {
	shown, err := play(t.Context(), 80,
		like("gather", func(context.Context) error { return errBroken }),
		like("shield", func(context.Context) error { return nil }))
	if !errors.Is(err, errBroken) || !strings.Contains(err.Error(), "lesson gather") {
		t.Errorf("error %v, want one that names the lesson and wraps %v", err, errBroken)
	}
	if strings.Contains(shown, "shield") {
		t.Errorf("it went on to the next lesson:\n%s", shown)
	}
}

func TestTourStopsWhenItsContextIsDone(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	shown, err := play(ctx, 80,
		like("gather", func(context.Context) error { cancel(); return nil }),
		like("shield", func(context.Context) error { return nil }))
	if !errors.Is(err, context.Canceled) || strings.Contains(shown, "shield") {
		t.Errorf("error %v after\n%s", err, shown)
	}
}

func TestEveryWidthIsKept(t *testing.T) {
	nothing := func(context.Context) error { return nil }
	for _, width := range []int{40, 55, 80, 100, 139, 160} {
		for _, l := range lessons.All() {
			shown, err := play(t.Context(), width, like(l.Name, nothing))
			if err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(shown) {
				if w := ansi.StringWidth(strings.TrimSuffix(line, "\n")); w > width {
					t.Fatalf("lesson %s at %d columns has a line of %d: %q", l.Name, width, w, line)
				}
			}
		}
	}
}

// Programs are shown beside each other where there is room, and nothing of
// them is lost.
func TestProgramsAreShownWhole(t *testing.T) {
	nothing := func(context.Context) error { return nil }
	for _, width := range []int{80, 140} {
		for _, l := range lessons.All() {
			shown, err := play(t.Context(), width, like(l.Name, nothing))
			if err != nil {
				t.Fatal(err)
			}
			for _, code := range []string{l.Go().Text(), l.Python().Text()} {
				for line := range strings.Lines(code) {
					if line = strings.TrimSpace(line); !strings.Contains(shown, line) {
						t.Errorf("lesson %s at %d columns: this line is missing or folded: %s", l.Name, width, line)
					}
				}
			}
		}
	}
}
