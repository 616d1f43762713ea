package remote

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/trace"
)

// lanesOf returns what a recorder hears of the rows of an executor.
func lanesOf(t *testing.T, tell func(l *lanes), opts ...asyncio.Option) string {
	t.Helper()
	r := trace.New()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := &lanes{loop: engine.LoopOf(ctx)}
		tell(l)
		if len(l.jobs) != 0 || len(l.taken) != 0 {
			t.Errorf("in the end %v run, and %v are taken", l.jobs, l.taken)
		}
		return nil
	}, append(opts, r.Observe())...)
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for e := range r.Recording().Events() {
		if e.Kind == trace.Began || e.Kind == trace.Finished {
			all = append(all, strings.TrimSpace(fmt.Sprintf("%s %s %s: %s %s", e.What, e.Row, e.Kind, e.Text, e.ID)))
		}
	}
	return strings.Join(all, "\n")
}

func TestRowsOfWorkers(t *testing.T) {
	a, b, c := laneJob{"a", "hash=1", 1}, laneJob{"b", "hash=1", 1}, laneJob{"c", "hash=1", 1}
	broken := errors.New("broken")
	for name, test := range map[string]struct {
		tell func(l *lanes)
		want string
	}{
		"several slots of a worker": {func(l *lanes) {
			l.began(a, "w", 1)
			l.began(b, "w", 1)
			l.ended(a, "w", 1, nil)
			l.began(c, "w", 1)
			l.ended(b, "w", 1, broken)
			l.ended(c, "w", 1, nil)
		}, `remote w began: hash=1 a
remote w #2 began: hash=1 b
remote w finished:
remote w began: hash=1 c
remote w #2 finished: broken
remote w finished:`},
		"a worker that has lost the job": {func(l *lanes) {
			l.began(a, "v", 1)
			l.began(a, "w", 2)
			l.began(a, "v", 1) // late
			l.left("a", 1)     // late
			l.ended(a, "w", 2, nil)
		}, `remote v began: hash=1 a
remote v finished: ` + ErrLeaseLost.Error() + `
remote w began: hash=1 a
remote w finished:`},
		"a job that was given back": {func(l *lanes) {
			l.began(a, "v", 1)
			l.left("a", 1)
			l.began(a, "w", 2)
			l.ended(a, "w", 2, nil)
		}, `remote v began: hash=1 a
remote v finished:
remote w began: hash=1 a
remote w finished:`},
		"a job that was not heard to begin": {func(l *lanes) {
			l.ended(a, "w", 1, broken)
		}, `remote w began: hash=1 a
remote w finished: broken`},
		"a job that no worker has begun": {func(l *lanes) {
			l.ended(a, "", 0, asyncio.ErrCanceled)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := lanesOf(t, test.tell); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestRowsCostNothingWhileNoOneWatches(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l := &lanes{loop: engine.LoopOf(ctx)}
		j := laneJob{"a", "hash=1", 1}
		if n := testing.AllocsPerRun(100, func() { l.began(j, "w", 1); l.ended(j, "w", 1, nil) }); n != 0 || l.jobs != nil {
			t.Errorf("%v allocations, and %v are kept", n, l.jobs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
