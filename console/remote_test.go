package console

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// labelRemote is the kind of the rows of package remote.
var labelRemote = engine.NewLabel("remote")

// jobOf is the row of a worker that runs a job of the current task.
func jobOf(ctx context.Context, worker, function, id string) engine.Row {
	return engine.Row{Label: labelRemote, Name: worker, What: function, ID: id, Task: asyncio.CurrentTask(ctx).ID}
}

// tellJobs tells what remote workers do: three jobs that end, each in its own way, and one
// that does not.
func tellJobs(ctx context.Context) {
	l := engine.LoopOf(ctx)
	for i, err := range []error{nil, errors.New("no memory"), asyncio.ErrCanceled} {
		row := jobOf(ctx, "w1", "resize=1", string(rune('a'+i)))
		l.TellRow(engine.Began, row, nil)
		l.TellRow(engine.Finished, row, err)
	}
	l.TellRow(engine.Began, jobOf(ctx, "w2", "hash=2", "d"), nil)
}

func TestRemoteJobsOfAProgram(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		defer w.Close()
		me := asyncio.CurrentTask(ctx).ID
		tellJobs(ctx)
		s := look(t, ctx, w)
		i := slices.IndexFunc(s.Threads, func(r wire.Thread) bool { return r.Kind == "remote" })
		if i < 0 || s.Threads[i].Name != "w2" || s.Threads[i].What != "hash=2 d" || s.Threads[i].Task != me || s.Threads[i].Since == 0 {
			t.Errorf("what is busy is %+v", s.Threads)
		}
		want := []wire.Beside{
			{Kind: "remote", What: "hash=2", Begun: 1},
			{Kind: "remote", What: "resize=1", Begun: 3, Ended: 3, Failed: 1, Canceled: 1},
		}
		got := slices.DeleteFunc(slices.Clone(s.Beside), func(b wire.Beside) bool { return b.Kind == "thread" }) // that which looks
		if !slices.Equal(got, want) {
			t.Errorf("what was done is %+v", s.Beside)
		}
		d := elsewhere(t, ctx, func(ctx context.Context) (*wire.TaskDetail, error) { return w.Task(ctx, 0, me) })
		var words []string
		for _, e := range d.Events {
			words = append(words, e.Text)
		}
		if all := strings.Join(words, "\n"); !strings.Contains(all, "w1 begins to work for it: resize=1 a\n") || !strings.Contains(all, "w2 begins to work for it: hash=2 d") {
			t.Errorf("the task's events are\n%s", all)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// However many functions there are, the figures are bounded, and nothing is left out.
func TestFunctionsThatAreCounted(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := watchHere(t, ctx)
		defer w.Close()
		l := engine.LoopOf(ctx)
		const jobs = 1000
		for i := range jobs {
			row := jobOf(ctx, "w1", "f"+string(rune('0'+i/100))+string(rune('0'+i/10%10))+string(rune('0'+i%10)), "a")
			l.TellRow(engine.Began, row, nil)
			l.TellRow(engine.Finished, row, nil)
		}
		s := look(t, ctx, w)
		ended := uint64(0)
		for _, b := range s.Beside {
			if b.Kind == "remote" {
				ended += b.Ended
			}
		}
		if ended != jobs || len(s.Beside) > 210 {
			t.Errorf("%d jobs have ended, in %d lines", ended, len(s.Beside))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// While no one looks, records are dropped. What is busy, and with what, is still known, and
// the figures are complete.
func TestRemoteJobsWhileNoOneLooks(t *testing.T) {
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		w := newWatching(leastHistory)
		detach, err := w.Attach(engine.LoopOf(ctx))
		if err != nil {
			return err
		}
		defer w.Close()
		defer detach()
		until(t, "it rests", w.all()[0].isLazy)
		l := engine.LoopOf(ctx)
		l.TellRow(engine.Began, jobOf(ctx, "w2", "hash=2", "d"), nil)
		const jobs = 20_000
		for range jobs {
			row := jobOf(ctx, "w1", "resize=1", "a")
			l.TellRow(engine.Began, row, nil)
			l.TellRow(engine.Finished, row, nil)
		}
		s := look(t, ctx, w)
		i := slices.IndexFunc(s.Threads, func(r wire.Thread) bool { return r.Name == "w2" })
		if i < 0 || s.Threads[i].What != "hash=2 d" || slices.ContainsFunc(s.Threads, func(r wire.Thread) bool { return r.Name == "w1" }) {
			t.Errorf("what is busy is %+v", s.Threads)
		}
		if i := slices.IndexFunc(s.Beside, func(b wire.Beside) bool { return b.What == "resize=1" }); i < 0 || s.Beside[i].Ended != jobs {
			t.Errorf("what was done is %+v", s.Beside)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
