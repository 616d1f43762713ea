package explore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/explore"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/streams"
)

var errAhead = errors.New("b is ahead")

// ahead fails only if the task b gets ahead of a, by several steps.
func ahead(ctx context.Context) error {
	steps := [2]int{}
	count := func(i int) func(ctx context.Context) error {
		return func(ctx context.Context) error {
			for range 5 {
				steps[i]++
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				if steps[1]-steps[0] > 3 {
					return errAhead
				}
			}
			return nil
		}
	}
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(count(0), asyncio.Name("a"))
		tg.Go(count(1), asyncio.Name("b"))
		return nil
	})
}

func find(t *testing.T, program func(ctx context.Context) error, c explore.Config) explore.Result {
	t.Helper()
	found, err := explore.Find(t.Context(), program, c)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func story(f *explore.Failure) string {
	var b strings.Builder
	f.WriteStory(&b, 50)
	return b.String()
}

func TestFind(t *testing.T) {
	for name, s := range map[string]explore.Strategy{
		"Mixed":            nil,
		"Random":           explore.Random,
		"PCT(2)":           explore.PCT(2),
		"Exhaustive(1000)": explore.Exhaustive(1000),
	} {
		t.Run("finds an order, by "+name+", and replays it", func(t *testing.T) {
			f := find(t, ahead, explore.Config{Strategy: s}).Failure
			if f == nil || !errors.Is(f.Err, errAhead) || s != nil && f.Strategy != name {
				t.Fatalf("it found %+v", f)
			}
			again, err := explore.Replay(t.Context(), f.Schedule, ahead, explore.Config{})
			if err != nil || again == nil || again.Schedule != f.Schedule || story(again) != story(f) {
				t.Errorf("the replay gave %+v, %v", again, err)
			}
			if s := story(f); !strings.Contains(s, "was picked from a, b") {
				t.Errorf("the story is\n%s", s)
			}
		})
	}
	t.Run("finds nothing in the loop's own order", func(t *testing.T) {
		if found := find(t, ahead, explore.Config{Strategy: explore.FIFO}); found.Failure != nil || found.Runs != 1 {
			t.Errorf("it found %+v", found)
		}
	})
	t.Run("makes as many runs as it is told to", func(t *testing.T) {
		runs := 0
		count := func(context.Context) error { runs++; return nil }
		for most, want := range map[int]int{0: 200, 7: 7} {
			runs = 0
			if found := find(t, count, explore.Config{Runs: most}); found.Runs != want || runs != want || found.All {
				t.Errorf("with Runs %d it made %d runs, and says %+v", most, runs, found)
			}
		}
	})
	t.Run("says when there are no other orders", func(t *testing.T) {
		orders := map[string]bool{}
		three := func(ctx context.Context) error {
			order := ""
			err := asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for _, name := range []string{"a", "b", "c"} {
					tg.Go(func(context.Context) error { order += name; return nil })
				}
				return nil
			})
			orders[order] = true
			return err
		}
		if found := find(t, three, explore.Config{Strategy: explore.Exhaustive(100)}); !found.All || found.Runs != 6 || len(orders) != 6 {
			t.Errorf("%v, %+v", orders, found)
		}
		if found := find(t, three, explore.Config{Strategy: explore.Exhaustive(5)}); found.All || found.Runs != 5 {
			t.Errorf("after 5 of 6 it says %+v", found)
		}
	})
	t.Run("finds the same with the same seed", func(t *testing.T) {
		failure := func(seed uint64) explore.Failure {
			f := find(t, ahead, explore.Config{Strategy: explore.Random, Seed: seed}).Failure
			if f == nil {
				t.Fatal("it found nothing")
			}
			return *f
		}
		a, b, c := failure(7), failure(7), failure(8)
		if a.Run != b.Run || a.Schedule != b.Schedule || a.Schedule == c.Schedule {
			t.Errorf("%+v\n%+v\n%+v", a, b, c)
		}
	})
}

func TestWhatIsAFailure(t *testing.T) {
	bug := errors.New("a bug")
	for name, c := range map[string]struct {
		program func(ctx context.Context) error
		is      error
		says    string
	}{
		"an error": {func(context.Context) error { return bug }, bug, "a bug"},
		"a panic":  {func(context.Context) error { panic("oh no") }, nil, "oh no"},
		"an error that no one has looked at": {func(ctx context.Context) error {
			asyncio.Go(ctx, func(context.Context) error { return bug })
			return asyncio.Yield(ctx)
		}, bug, "a bug"},
		"a deadlock": {func(ctx context.Context) error {
			var never asyncio.Event
			never.SetName("never")
			return never.Wait(ctx)
		}, explore.ErrDeadlock, `Task-1 waits for event "never", and nothing can wake them`},
	} {
		t.Run(name, func(t *testing.T) {
			f := find(t, c.program, explore.Config{}).Failure
			if f == nil || c.is != nil && !errors.Is(f.Err, c.is) || !strings.Contains(f.Err.Error(), c.says) || f.Run != 1 {
				t.Errorf("it found %+v", f)
			}
		})
	}
}

func TestErrorsOfFind(t *testing.T) {
	t.Run("canceled", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		runs := 0
		found, err := explore.Find(ctx, func(context.Context) error {
			if runs++; runs == 3 {
				cancel()
			}
			return nil
		}, explore.Config{})
		if !errors.Is(err, context.Canceled) || found.Runs != 3 {
			t.Errorf("it returned %+v, %v", found, err)
		}
	})
	t.Run("on a loop", func(t *testing.T) {
		_ = asyncio.Run(t.Context(), func(ctx context.Context) error {
			_, err := explore.Find(ctx, ahead, explore.Config{})
			if !errors.Is(err, asyncio.ErrLoopRunning) {
				t.Errorf("it returned %v", err)
			}
			return nil
		})
	})
	t.Run("a program that is not always the same", func(t *testing.T) {
		run := 0
		_, err := explore.Find(t.Context(), func(ctx context.Context) error {
			run++
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				for range 2 + run%2 {
					tg.Go(func(context.Context) error { return nil })
				}
				return nil
			})
		}, explore.Config{Strategy: explore.Exhaustive(100)})
		if err == nil || !strings.Contains(err.Error(), "did not follow") {
			t.Errorf("it returned %v", err)
		}
	})
}

func TestErrorsOfReplay(t *testing.T) {
	_, err := explore.Replay(t.Context(), "nonsense", ahead, explore.Config{})
	if !errors.Is(err, explore.ErrNoSchedule) {
		t.Errorf("it returned %v", err)
	}
	f := find(t, ahead, explore.Config{}).Failure
	_, err = explore.Replay(t.Context(), f.Schedule, func(context.Context) error { return nil }, explore.Config{})
	if err == nil || !strings.Contains(err.Error(), "another way") {
		t.Errorf("it returned %v", err)
	}
}

// A server that answers two clients as if there were one: the order of the tasks decides
// what each gets. All of it is on a network in memory, and takes no time.
func TestFindOnANetworkInMemory(t *testing.T) {
	var errMixed = errors.New("the answer is for another")
	program := func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		var who byte // the bug: every connection has the same
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
				name := make([]byte, 1)
				if _, err := io.ReadFull(c, name); err != nil {
					return err
				}
				who = name[0]
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
				_, err := c.Write([]byte{who})
				return err
			})
		})
		defer server.Cancel()
		ask := func(name byte, after int) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range after {
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
				}
				c, err := streams.Dial(ctx, "tcp", l.Addr().String())
				if err != nil {
					return err
				}
				defer c.Close()
				answer := []byte{name}
				if _, err = c.Write(answer); err == nil {
					_, err = io.ReadFull(c, answer)
				}
				if err == nil && answer[0] != name {
					err = errMixed
				}
				return err
			}
		}
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(ask('a', 0))
			tg.Go(ask('b', 3)) // so much later that all is well in the loop's own order
			return nil
		})
	}
	c := explore.Config{Options: []asyncio.Option{simnet.InMemory()}}
	f := find(t, program, c).Failure
	if f == nil || !errors.Is(f.Err, errMixed) {
		t.Fatalf("it found %+v", f)
	}
	if again, err := explore.Replay(t.Context(), f.Schedule, program, c); err != nil || again == nil || story(again) != story(f) {
		t.Errorf("the replay gave %+v, %v", again, err)
	}
	t.Logf("run %d, by %s:\n%s", f.Run, f.Strategy, story(f))
}

func FuzzParseSchedule(f *testing.F) {
	found, err := explore.Find(context.Background(), ahead, explore.Config{})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(found.Failure.Schedule)
	f.Add("")
	f.Add("nonsense")
	f.Fuzz(func(t *testing.T, word string) {
		s, err := explore.ParseSchedule(word)
		if err != nil {
			if !errors.Is(err, explore.ErrNoSchedule) {
				t.Errorf("it returned %v", err)
			}
			return
		}
		again, err := explore.ParseSchedule(s.String())
		if err != nil || again.String() != s.String() {
			t.Errorf("%q is not read as it was written: %v", s, err)
		}
	})
}
