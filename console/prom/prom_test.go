package prom

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/console"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

func run(t *testing.T, main func(ctx context.Context) error) {
	t.Helper()
	if err := asyncio.Run(t.Context(), main); err != nil {
		t.Error(err)
	}
}

// elsewhere collects on another goroutine, as a server of metrics does, while the loop
// goes on.
func elsewhere(ctx context.Context, fn func() error) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) { return struct{}{}, fn() })
	return err
}

func TestLoopCollector(t *testing.T) {
	run(t, func(ctx context.Context) error {
		c := NewLoopCollector("main", asyncio.RunningLoop(ctx))
		for range 2 {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		}
		const want = `
			# HELP asyncio_loop_tasks Tasks that have not ended.
			# TYPE asyncio_loop_tasks gauge
			asyncio_loop_tasks{loop="main"} 3
			# HELP asyncio_loop_tasks_created_total Tasks that were ever created.
			# TYPE asyncio_loop_tasks_created_total counter
			asyncio_loop_tasks_created_total{loop="main"} 3
			# HELP asyncio_loop_timers Timers that are set.
			# TYPE asyncio_loop_timers gauge
			asyncio_loop_timers{loop="main"} 2
		`
		err := elsewhere(ctx, func() (err error) {
			asynctest.Eventually(t, "the loop waits, and has published its counters", func() bool {
				err = testutil.CollectAndCompare(c, strings.NewReader(want), "asyncio_loop_tasks", "asyncio_loop_tasks_created_total", "asyncio_loop_timers")
				return err == nil
			})
			return err
		})
		if n := testutil.CollectAndCount(c); n != len(ofLoops) {
			t.Errorf("%d metrics, want %d", n, len(ofLoops))
		}
		expectGoodStyle(t, c)
		return err
	})
}

// expectGoodStyle expects that the names are what Prometheus recommends.
func expectGoodStyle(t *testing.T, c prometheus.Collector) {
	t.Helper()
	problems, err := testutil.CollectAndLint(c)
	if err != nil {
		t.Error(err)
	}
	for _, p := range problems {
		if p.Metric != "asyncio_console_lag_recent_bucket" { // a gauge that looks like a histogram, and says so
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
	}
}

// given is a collector of what the test gives it.
type given struct {
	consoleCollector
	loops []console.Health
}

func (g given) Collect(to chan<- prometheus.Metric) {
	for _, h := range g.loops {
		collect(to, h)
	}
}

func TestConsoleCollectorTellsAll(t *testing.T) {
	one := console.Health{
		Loop: 1, Name: "loop 1", Stale: true, Passes: 10, Busy: 0.25, Ready: 2, Tasks: 3, Dropped: 4,
		Lag: []uint64{5, 0, 7}, P50: time.Microsecond, P99: 4 * time.Microsecond,
		Pools:    []console.Pool{{Name: "db", Workers: 1, Size: 4, Busy: 1, Queued: 6}, {Name: "db", Workers: 2, Size: 2, Busy: 2, Queued: 1}},
		Warnings: map[string]int{"deadlock": 2},
		Beside: []console.Beside{
			{Kind: "remote", Function: "resize=1", Begun: 9, Ended: 7, Failed: 2, Canceled: 1, Running: 2},
			{Kind: "thread", Begun: 5, Ended: 5},
		},
	}
	c := given{loops: []console.Health{one, {Loop: 2, Name: "loop 2", Tasks: 8}}}
	const want = `
		# HELP asyncio_console_beside_begun_total Functions that have begun beside the loop: in threads, and jobs on remote workers.
		# TYPE asyncio_console_beside_begun_total counter
		asyncio_console_beside_begun_total{function="",kind="thread",loop="loop 1"} 5
		asyncio_console_beside_begun_total{function="resize=1",kind="remote",loop="loop 1"} 9
		# HELP asyncio_console_beside_canceled_total Those that have ended canceled.
		# TYPE asyncio_console_beside_canceled_total counter
		asyncio_console_beside_canceled_total{function="",kind="thread",loop="loop 1"} 0
		asyncio_console_beside_canceled_total{function="resize=1",kind="remote",loop="loop 1"} 1
		# HELP asyncio_console_beside_ended_total Those that have ended.
		# TYPE asyncio_console_beside_ended_total counter
		asyncio_console_beside_ended_total{function="",kind="thread",loop="loop 1"} 5
		asyncio_console_beside_ended_total{function="resize=1",kind="remote",loop="loop 1"} 7
		# HELP asyncio_console_beside_failed_total Those that have ended with an error.
		# TYPE asyncio_console_beside_failed_total counter
		asyncio_console_beside_failed_total{function="",kind="thread",loop="loop 1"} 0
		asyncio_console_beside_failed_total{function="resize=1",kind="remote",loop="loop 1"} 2
		# HELP asyncio_console_beside_running Those that run.
		# TYPE asyncio_console_beside_running gauge
		asyncio_console_beside_running{function="",kind="thread",loop="loop 1"} 0
		asyncio_console_beside_running{function="resize=1",kind="remote",loop="loop 1"} 2
		# HELP asyncio_console_busy_ratio The share of the last second in which the loop worked.
		# TYPE asyncio_console_busy_ratio gauge
		asyncio_console_busy_ratio{loop="loop 1"} 0.25
		asyncio_console_busy_ratio{loop="loop 2"} 0
		# HELP asyncio_console_lag_recent_bucket How many of those that could go on, in the last 10 s, waited at most le seconds for their turn. A gauge, whose rate means nothing; histogram_quantile takes it as it is.
		# TYPE asyncio_console_lag_recent_bucket gauge
		asyncio_console_lag_recent_bucket{le="+Inf",loop="loop 1"} 12
		asyncio_console_lag_recent_bucket{le="+Inf",loop="loop 2"} 0
		asyncio_console_lag_recent_bucket{le="1e-06",loop="loop 1"} 5
		asyncio_console_lag_recent_bucket{le="2e-06",loop="loop 1"} 5
		asyncio_console_lag_recent_bucket{le="4e-06",loop="loop 1"} 12
		# HELP asyncio_console_lag_p99_seconds 99 of 100 of those that could go on, in the last 10 s, waited less than this for their turn.
		# TYPE asyncio_console_lag_p99_seconds gauge
		asyncio_console_lag_p99_seconds{loop="loop 1"} 4e-06
		asyncio_console_lag_p99_seconds{loop="loop 2"} 0
		# HELP asyncio_console_passes_total Passes that have begun.
		# TYPE asyncio_console_passes_total counter
		asyncio_console_passes_total{loop="loop 1"} 10
		asyncio_console_passes_total{loop="loop 2"} 0
		# HELP asyncio_console_pool_queued Functions that wait for an executor.
		# TYPE asyncio_console_pool_queued gauge
		asyncio_console_pool_queued{loop="loop 1",pool="db"} 7
		# HELP asyncio_console_stale 1 while the loop does not answer, and the rest is what was known before.
		# TYPE asyncio_console_stale gauge
		asyncio_console_stale{loop="loop 1"} 1
		asyncio_console_stale{loop="loop 2"} 0
		# HELP asyncio_console_tasks Tasks that have not ended.
		# TYPE asyncio_console_tasks gauge
		asyncio_console_tasks{loop="loop 1"} 3
		asyncio_console_tasks{loop="loop 2"} 8
		# HELP asyncio_console_warnings Warnings that hold now, by their kind: blocked-step, deadlock, queue-grows and others.
		# TYPE asyncio_console_warnings gauge
		asyncio_console_warnings{kind="deadlock",loop="loop 1"} 2
	`
	err := testutil.CollectAndCompare(c, strings.NewReader(want),
		"asyncio_console_beside_begun_total", "asyncio_console_beside_ended_total", "asyncio_console_beside_failed_total",
		"asyncio_console_beside_canceled_total", "asyncio_console_beside_running",
		"asyncio_console_busy_ratio", "asyncio_console_lag_recent_bucket", "asyncio_console_lag_p99_seconds", "asyncio_console_passes_total",
		"asyncio_console_pool_queued", "asyncio_console_stale", "asyncio_console_tasks", "asyncio_console_warnings")
	if err != nil {
		t.Error(err)
	}
	expectGoodStyle(t, c)
}

// ofTheLoop puts the name of the only loop for NAME: loops are numbered through all tests
// of a process.
func ofTheLoop(ctx context.Context, m *console.Monitor, want string) (string, error) {
	loops, err := m.Loops(ctx)
	if err != nil || len(loops) != 1 {
		return "", fmt.Errorf("the monitor sees %v, %v; want one loop", loops, err)
	}
	return strings.ReplaceAll(want, "NAME", loops[0].Name), nil
}

// A real loop, asked through a registry, as a program would.
func TestConsoleCollector(t *testing.T) {
	m, err := console.NewMonitor()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewCollector(m))
	run(t, func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		registry.MustRegister(NewLoopCollector("main", asyncio.RunningLoop(ctx)))
		return elsewhere(ctx, func() error {
			want, err := ofTheLoop(ctx, m, `
				# HELP asyncio_console_tasks Tasks that have not ended.
				# TYPE asyncio_console_tasks gauge
				asyncio_console_tasks{loop="NAME"} 2
			`)
			if err != nil {
				return err
			}
			return testutil.GatherAndCompare(registry, strings.NewReader(want), "asyncio_console_tasks")
		})
	})
	asynctest.Eventually(t, "the loop that has ended is told no more", func() bool {
		n, err := testutil.GatherAndCount(registry, "asyncio_console_tasks")
		return n == 0 && err == nil
	})
}

// Jobs of a real loop, as package remote tells of them.
func TestRemoteJobsAreCounted(t *testing.T) {
	m, err := console.NewMonitor()
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(NewCollector(m))
	run(t, func(ctx context.Context) error {
		l := engine.LoopOf(ctx)
		row := engine.Row{Label: engine.NewLabel("remote"), Name: "w1", What: "resize=1", ID: "a"}
		// The monitor is attached by an event of the loop.
		asynctest.Eventually(t, "someone watches", func() bool { _ = asyncio.Yield(ctx); return l.Heard() }) // it is not canceled
		for _, err := range []error{nil, errors.New("no memory"), asyncio.ErrCanceled} {
			l.TellRow(engine.Began, row, nil)
			l.TellRow(engine.Finished, row, err)
		}
		l.TellRow(engine.Began, row, nil)
		return elsewhere(ctx, func() error {
			want, err := ofTheLoop(ctx, m, `
				# HELP asyncio_console_beside_begun_total Functions that have begun beside the loop: in threads, and jobs on remote workers.
				# TYPE asyncio_console_beside_begun_total counter
				asyncio_console_beside_begun_total{function="",kind="thread",loop="NAME"} 1
				asyncio_console_beside_begun_total{function="resize=1",kind="remote",loop="NAME"} 4
				# HELP asyncio_console_beside_canceled_total Those that have ended canceled.
				# TYPE asyncio_console_beside_canceled_total counter
				asyncio_console_beside_canceled_total{function="",kind="thread",loop="NAME"} 0
				asyncio_console_beside_canceled_total{function="resize=1",kind="remote",loop="NAME"} 1
				# HELP asyncio_console_beside_failed_total Those that have ended with an error.
				# TYPE asyncio_console_beside_failed_total counter
				asyncio_console_beside_failed_total{function="",kind="thread",loop="NAME"} 0
				asyncio_console_beside_failed_total{function="resize=1",kind="remote",loop="NAME"} 1
				# HELP asyncio_console_beside_running Those that run.
				# TYPE asyncio_console_beside_running gauge
				asyncio_console_beside_running{function="",kind="thread",loop="NAME"} 1
				asyncio_console_beside_running{function="resize=1",kind="remote",loop="NAME"} 1
			`)
			if err != nil {
				return err
			}
			return testutil.GatherAndCompare(registry, strings.NewReader(want), "asyncio_console_beside_begun_total",
				"asyncio_console_beside_canceled_total", "asyncio_console_beside_failed_total", "asyncio_console_beside_running")
		})
	})
}

func TestMisuse(t *testing.T) {
	for name, fn := range map[string]func(){
		"NewLoopCollector": func() { NewLoopCollector("x", nil) },
		"NewCollector":     func() { NewCollector(nil) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.HasPrefix(text, "asyncio: "+name) || !strings.Contains(text, "pass ") {
					t.Errorf("%s panics with %q, want advice", name, text)
				}
			}()
			fn()
		}()
	}
}
