package asynciotest_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
)

// ahead fails only if the task b gets ahead of a, by several steps.
func ahead(fail func()) func(ctx context.Context) {
	return func(ctx context.Context) {
		steps := [2]int{}
		count := func(i int) func(ctx context.Context) error {
			return func(ctx context.Context) error {
				for range 5 {
					steps[i]++
					if err := asyncio.Yield(ctx); err != nil {
						return err
					}
					if steps[1]-steps[0] > 3 {
						fail()
					}
				}
				return nil
			}
		}
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(count(0), asyncio.Name("a"))
			tg.Go(count(1), asyncio.Name("b"))
			return nil
		})
	}
}

func TestExploreFinds(t *testing.T) {
	for name, by := range map[string]asynciotest.Scheduler{
		"Random":     asynciotest.Random,
		"PCT":        asynciotest.PCT(2),
		"Exhaustive": asynciotest.Exhaustive(1000),
	} {
		t.Run(name, func(t *testing.T) {
			f := mustFail(t, func(f *fakeTB) {
				asynciotest.ExploreTB(f, ahead(func() { f.Error("b is ahead") }), strategy(by))
			}, "b is ahead", "by "+name, "explore_test.go:", "was picked from a, b")
			replay(t, f, ahead, "b is ahead")
		})
	}
	t.Run("FIFO", func(t *testing.T) {
		mustPass(t, func(f *fakeTB) {
			asynciotest.ExploreTB(f, ahead(func() { f.Error("b is ahead") }), strategy(asynciotest.FIFO))
		})
	})
}

func strategy(s asynciotest.Scheduler) []asynciotest.Option {
	return []asynciotest.Option{asynciotest.Strategy(s)}
}

// replay replays the schedule that a failed Explore has printed, and expects
// the same words and the same schedule.
func replay(t *testing.T, failed *fakeTB, program func(fail func()) func(ctx context.Context), words ...string) {
	t.Helper()
	word := scheduleOf(t, failed)
	defer asynciotest.Replay(word)()
	again := mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, program(func() { f.Error(words[0]) }), nil)
	}, append(words, "-asyncio.replay="+word)...)
	if strings.Contains(again.output(), "another way") {
		t.Errorf("the replay diverged: %s", again.output())
	}
}

var replayLine = regexp.MustCompile(`go test -run '(.+)' -asyncio\.replay=(\S+)`)

func scheduleOf(t *testing.T, f *fakeTB) string {
	t.Helper()
	match := replayLine.FindStringSubmatch(f.output())
	if match == nil {
		t.Fatalf("no line to replay it: %s", f.output())
	}
	return match[2]
}

func TestReplayLineNamesTheTest(t *testing.T) {
	t.Run("with a.strange name", func(t *testing.T) {
		mustFail(t, func(f *fakeTB) {
			asynciotest.ExploreTB(f, func(context.Context) { f.FailNow() }, nil)
		}, `-run '^TestReplayLineNamesTheTest$/^with_a\.strange_name$' `)
	})
}

func TestExploreAfterEveryKindOfFailure(t *testing.T) {
	for name, fail := range map[string]func(ctx context.Context, f *fakeTB){
		"FailNow": func(_ context.Context, f *fakeTB) { f.FailNow() },
		"panic":   func(context.Context, *fakeTB) { panic("oh no") },
		"deadlock": func(ctx context.Context, _ *fakeTB) {
			var never asyncio.Event
			_ = never.Wait(ctx)
		},
		"left over": func(ctx context.Context, _ *fakeTB) {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			mustFail(t, func(f *fakeTB) {
				asynciotest.ExploreTB(f, func(ctx context.Context) { fail(ctx, f) }, nil)
			}, "run 1, by FIFO, failed", "-asyncio.replay=")
		})
	}
}

func TestReplayThatGoesAnotherWay(t *testing.T) {
	f := mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, ahead(func() { f.FailNow() }), nil)
	})
	defer asynciotest.Replay(scheduleOf(t, f))()
	mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			nop := func(context.Context) error { return nil }
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(nop, asyncio.Name("x"))
				tg.Go(nop, asyncio.Name("y"))
				tg.Go(nop, asyncio.Name("z"))
				return nil
			})
		}, nil)
	}, "another way", "choice 1 was task number", "now x, y, z are")
	mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(context.Context) {}, nil)
	}, "another way", "more choices after number 0")
}

func TestReplayOfSomethingElse(t *testing.T) {
	defer asynciotest.Replay("nonsense")()
	mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(context.Context) { t.Error("it ran") }, nil)
	}, "copy the whole word")
}

func TestReplayFindsItsCall(t *testing.T) {
	program := func(f *fakeTB, runs *[2]int) {
		asynciotest.ExploreTB(f, func(context.Context) { runs[0]++ }, nil)
		asynciotest.ExploreTB(f, func(context.Context) { runs[1]++; f.Error("second") }, nil)
	}
	var runs [2]int
	f := mustFail(t, func(f *fakeTB) { program(f, &runs) })
	defer asynciotest.Replay(scheduleOf(t, f))()
	runs = [2]int{}
	mustFail(t, func(f *fakeTB) { program(f, &runs) }, "second", "call 2")
	if runs != [2]int{0, 1} {
		t.Errorf("ran %v times", runs)
	}
}

func TestExhaustiveTriesEveryOrder(t *testing.T) {
	orders := map[string]int{}
	three := func(ctx context.Context) {
		var order strings.Builder
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for _, name := range []string{"a", "b", "c"} {
				tg.Go(func(context.Context) error { order.WriteString(name); return nil })
			}
			return nil
		})
		orders[order.String()]++
	}
	f := mustPass(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, three, strategy(asynciotest.Exhaustive(100)))
	})
	if len(orders) != 6 || !strings.Contains(f.output(), "explored all 6 orders") {
		t.Errorf("%v, %s", orders, f.output())
	}
	f = mustPass(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, three, strategy(asynciotest.Exhaustive(5)))
	})
	if !strings.Contains(f.output(), "explored 5 orders; there are at least 1 more") {
		t.Error(f.output())
	}
}

// What else is in the queue, between the tasks, keeps its place and parts no task from
// another.
func TestExhaustiveTriesEveryOrderAroundOtherEvents(t *testing.T) {
	for name, between := range map[string]func(ctx context.Context){
		"nothing":   func(context.Context) {},
		"callbacks": func(ctx context.Context) { asyncio.RunningLoop(ctx).CallSoon(func() {}) },
		"callbacks that were taken back": func(ctx context.Context) {
			asyncio.RunningLoop(ctx).CallSoon(func() {}).Cancel()
		},
		"timers": func(ctx context.Context) { asyncio.RunningLoop(ctx).CallLater(0, func() {}) },
		"timeouts that were left": func(ctx context.Context) {
			_ = asyncio.WithTimeout(ctx, 0, func(context.Context) error { return nil })
		},
		"done callbacks": func(ctx context.Context) {
			f := asyncio.NewFuture[int](ctx)
			f.AddDoneCallback(func(*asyncio.Future[int]) {})
			_ = f.SetResult(1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			allOrders(t, 6, func(ctx context.Context, note func(name string)) {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					for _, name := range []string{"a", "b", "c"} {
						tg.Go(func(context.Context) error { note(name); return nil })
						between(ctx)
					}
					return nil
				})
			})
		})
	}
	t.Run("a timeout that expires", func(t *testing.T) {
		allOrders(t, 24, func(ctx context.Context, note func(name string)) {
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				start := func(name string) { tg.Go(func(context.Context) error { note(name); return nil }) }
				start("a")
				_ = asyncio.WithTimeout(ctx, 0, func(ctx context.Context) error {
					start("b")
					start("c")
					err := asyncio.Yield(ctx)
					note("main")
					return err
				})
				return nil
			})
		})
	})
	t.Run("a subscription that wakes a task", func(t *testing.T) {
		// The event that wakes g is after the first of two tasks, and the second may
		// come before g or after it.
		allOrders(t, 4, func(ctx context.Context, note func(name string)) {
			var first, second asyncio.Event
			f := asyncio.NewFuture[int](ctx)
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				waiting := func(name string, wait func(ctx context.Context) error) {
					tg.Go(func(ctx context.Context) error {
						err := wait(ctx)
						note(name)
						return err
					}, asyncio.Eager())
				}
				waiting("u", first.Wait)
				waiting("v", second.Wait)
				waiting("g", func(ctx context.Context) error {
					_, err := asyncio.Gather(ctx, f)
					return err
				})
				first.Set()
				_ = f.SetResult(1)
				second.Set()
				return nil
			})
		})
	})
}

// allOrders expects that a program has so many orders, and that Exhaustive runs each
// of them once and says so.
func allOrders(t *testing.T, want int, program func(ctx context.Context, note func(name string))) {
	t.Helper()
	orders := map[string]int{}
	f := mustPass(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			order := ""
			program(ctx, func(name string) { order += name + " " })
			orders[order]++
		}, strategy(asynciotest.Exhaustive(1000)))
	})
	if said := fmt.Sprintf("explored all %d orders", want); len(orders) != want || !strings.Contains(f.output(), said) {
		t.Errorf("%d orders, want %d: %v; it says: %s", len(orders), want, orders, f.output())
	}
}

func TestExhaustiveNoticesChance(t *testing.T) {
	run := 0
	mustFail(t, func(f *fakeTB) {
		asynciotest.ExploreTB(f, func(ctx context.Context) {
			run++
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for range 2 + run%2 {
					tg.Go(func(context.Context) error { return nil })
				}
				return nil
			})
		}, strategy(asynciotest.Exhaustive(100)))
	}, "did not follow")
}

func TestSameSeedSameOrders(t *testing.T) {
	sample := func(seed uint64) (numbers []int) {
		asynciotest.Explore(t, func(ctx context.Context) {
			numbers = append(numbers, asynciotest.Rand(ctx).IntN(1000))
			_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				for i := range 5 {
					tg.Go(func(context.Context) error { numbers = append(numbers, i); return nil })
				}
				return nil
			})
		}, asynciotest.Seed(seed), asynciotest.Runs(50))
		return numbers
	}
	a, b, c := sample(7), sample(7), sample(8)
	if !slices.Equal(a, b) || slices.Equal(a, c) || len(a) != 50*6 {
		t.Errorf("%v\n%v\n%v", a, b, c)
	}
}

// A task that waits in a circle must not keep the one it waits for from
// running.
func TestSpinningEnds(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		ready := false
		_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				for !ready {
					_ = asyncio.Yield(ctx)
				}
				return nil
			})
			tg.Go(func(context.Context) error { ready = true; return nil })
			return nil
		})
	})
}

func TestReplayLineOfANameWithAQuote(t *testing.T) {
	t.Run("it's quoted", func(t *testing.T) {
		mustFail(t, func(f *fakeTB) {
			asynciotest.ExploreTB(f, func(context.Context) { f.Error("a bug") }, nil)
		}, "go test -run '^TestReplayLineOfANameWithAQuote$/^it.s_quoted$' -asyncio.replay=")
	})
}

// deadlineTB is a test with a deadline of its own.
type deadlineTB struct {
	*fakeTB
	deadline func() (time.Time, bool)
}

func (d deadlineTB) Deadline() (time.Time, bool) { return d.deadline() }

func TestZeroIsTheDefaultAndNegativeNoLimit(t *testing.T) {
	runs := func(opts ...asynciotest.Option) (n int) {
		mustPass(t, func(f *fakeTB) {
			end := time.Now().Add(time.Hour)
			d := &deadlineTB{f, func() (time.Time, bool) { return end, true }}
			asynciotest.ExploreTB(d, func(context.Context) {
				if n++; n == 1000 {
					end = time.Now() // the time of the test is over
				}
			}, append(opts, asynciotest.Patience(0)))
		})
		return n
	}
	for name, c := range map[string]struct {
		opt  asynciotest.Option
		want int
	}{
		"Runs(0)":        {asynciotest.Runs(0), 200},
		"Runs(-1)":       {asynciotest.Runs(-1), 1000},
		"Exhaustive(0)":  {asynciotest.Strategy(asynciotest.Exhaustive(0)), 1},
		"Exhaustive(-1)": {asynciotest.Strategy(asynciotest.Exhaustive(-1)), 1},
	} {
		if got := runs(c.opt); got != c.want {
			t.Errorf("with %s, Explore made %d runs, want %d", name, got, c.want)
		}
	}
}
