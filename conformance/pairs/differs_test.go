// testdata/differs: programs that print something else here than in CPython, each
// for a difference that doc.go names.

package pairs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/internal/python"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// differing holds every translation under its file's name without ".py".
var differing = map[string]program{
	"first_step_of_a_grandchild": firstStepOfAGrandchild,
	"yield_of_a_grandchild":      yieldOfAGrandchild,
	"wait_after_a_cancellation":  waitAfterACancellation,
	"order_of_a_set":             orderOfASet,
	"levels_of_groups":           levelsOfGroups,
	"canceled_by_itself":         canceledByItself,
	"item_and_cancellation":      itemAndCancellation,
	"condition_and_cancellation": conditionAndCancellation,
	"canceled_gather":            canceledGather,
	"same_deadline":              sameDeadline,
	"child_of_an_aborted_group":  childOfAnAbortedGroup,
	"eager_child_fails":          eagerChildFails,
}

// unordered are the programs whose lines come in another order on another day.
var unordered = []string{"order_of_a_set"}

func firstStepOfAGrandchild(out io.Writer, opts ...asyncio.Option) error {
	grandchild := func(ctx context.Context) error {
		say(out, "the grandchild begins")
		return saying(out, sleepLong, "the grandchild is cancelled")(ctx)
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(grandchild)
				return nil
			})
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.Cancel()
		err := wait(ctx, t)
		say(out, "the child is cancelled", t.Canceled())
		return err
	}, opts...)
}

func yieldOfAGrandchild(out io.Writer, opts ...asyncio.Option) error {
	grandchild := func(ctx context.Context) error {
		err := asyncio.Yield(ctx)
		switch {
		case err == nil:
			say(out, "the grandchild has had its turn")
		case canceled(err):
			say(out, "the grandchild is cancelled")
		}
		return err
	}
	bad := valueError("bad")
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, outer *asyncio.TaskGroup) error {
			outer.Go(func(context.Context) error { return bad })
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, inner *asyncio.TaskGroup) error {
				inner.Go(grandchild)
				return nil
			})
		})
		if errors.Is(err, bad) {
			say(out, "failed")
		}
		return nil
	}, opts...)
}

func waitAfterACancellation(out io.Writer, opts ...asyncio.Option) error {
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		var event asyncio.Event
		event.Set()
		t := asyncio.Go(ctx, func(ctx context.Context) error {
			if canceled(sleepLong(ctx)) {
				say(out, "the sleep is cancelled")
			}
			err := event.Wait(ctx)
			switch {
			case err == nil:
				say(out, "the event was set")
			case canceled(err):
				say(out, "so is the wait for an event that is set")
			}
			return err
		})
		if err := asyncio.Yield(ctx); err != nil {
			return err
		}
		t.Cancel()
		err := wait(ctx, t)
		say(out, "cancelled", t.Canceled())
		return err
	}, opts...)
}

func orderOfASet(out io.Writer, opts ...asyncio.Option) error {
	bad := valueError("bad")
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for i := range 12 {
				tg.Go(saying(out, sleepLong, fmt.Sprint("child ", i), "cancelled"))
			}
			tg.Go(func(ctx context.Context) error { return errors.Join(asyncio.Sleep(ctx, 20*ms), bad) })
			return nil
		})
		if errors.Is(err, bad) {
			say(out, "failed")
		}
		return nil
	}, opts...)
}

func TestKnownDifferences(t *testing.T) {
	files, err := filepath.Glob("testdata/differs/*.py")
	if err != nil || len(files) != len(differing) {
		t.Fatalf("%d programs, %d translations; %v", len(files), len(differing), err)
	}
	for _, name := range slices.Sorted(maps.Keys(differing)) {
		t.Run(name, func(t *testing.T) {
			ours, err := os.ReadFile(filepath.Join("testdata/differs", name+".ours"))
			if err != nil {
				t.Fatal(err)
			}
			want := strings.ReplaceAll(string(ours), "\r\n", "\n")
			if got := run(differing[name], virtual.Time()); got != want {
				t.Errorf("it prints\n%s--- want\n%s", got, want)
			}
			if want == recorded(t, "differs/"+name) {
				t.Error("CPython prints the same: it belongs to the pairs that agree")
			}
		})
	}
}

func TestKnownDifferencesAreWhatPythonPrints(t *testing.T) {
	interpreter := python.AtLeast(t, 13)
	for name := range differing {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want, got := recorded(t, "differs/"+name), printed(t, interpreter, "differs/"+name)
			if slices.Contains(unordered, name) {
				want, got = sortedLines(want), sortedLines(got)
			}
			compare(t, want, got)
		})
	}
}

func sortedLines(s string) string {
	return strings.Join(slices.Sorted(strings.Lines(s)), "")
}
