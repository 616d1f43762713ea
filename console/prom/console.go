package prom

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/console"
	"github.com/prometheus/client_golang/prometheus"
)

var ofConsoles = []metric[console.Health]{
	counter("asyncio_console_passes_total", "Passes that have begun.", func(h console.Health) float64 { return float64(h.Passes) }),
	counter("asyncio_console_events_dropped_total", "Events that the console has lost, because it could not keep up.", func(h console.Health) float64 { return float64(h.Dropped) }),
	gauge("asyncio_console_stale", "1 while the loop does not answer, and the rest is what was known before.", func(h console.Health) float64 { return oneIf(h.Stale) }),
	gauge("asyncio_console_busy_ratio", "The share of the last second in which the loop worked.", func(h console.Health) float64 { return h.Busy }),
	gauge("asyncio_console_lag_p50_seconds", "Half of those that could go on, in the last 10 s, waited less than this for their turn.", func(h console.Health) float64 { return h.P50.Seconds() }),
	gauge("asyncio_console_lag_p99_seconds", "99 of 100 of those that could go on, in the last 10 s, waited less than this for their turn.", func(h console.Health) float64 { return h.P99.Seconds() }),
	gauge("asyncio_console_tasks", "Tasks that have not ended.", func(h console.Health) float64 { return float64(h.Tasks) }),
	gauge("asyncio_console_ready", "Events in the ready queue.", func(h console.Health) float64 { return float64(h.Ready) }),
	gauge("asyncio_console_timers", "Timers that are set.", func(h console.Health) float64 { return float64(h.Timers) }),
	gauge("asyncio_console_workers", "Coroutines, which carry tasks.", func(h console.Health) float64 { return float64(h.Workers) }),
	gauge("asyncio_console_descriptors", "Descriptors that the loop waits for.", func(h console.Health) float64 { return float64(h.Descriptors) }),
}

// The metrics of what is done beside a loop have labels for the kind of what does it, and for
// the function, if that is known.
var ofBeside = []struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(console.Beside) float64
}{
	{ofWork("asyncio_console_beside_begun_total", "Functions that have begun beside the loop: in threads, and jobs on remote workers."), prometheus.CounterValue, func(b console.Beside) float64 { return float64(b.Begun) }},
	{ofWork("asyncio_console_beside_ended_total", "Those that have ended."), prometheus.CounterValue, func(b console.Beside) float64 { return float64(b.Ended) }},
	{ofWork("asyncio_console_beside_failed_total", "Those that have ended with an error."), prometheus.CounterValue, func(b console.Beside) float64 { return float64(b.Failed) }},
	{ofWork("asyncio_console_beside_canceled_total", "Those that have ended canceled."), prometheus.CounterValue, func(b console.Beside) float64 { return float64(b.Canceled) }},
	{ofWork("asyncio_console_beside_running", "Those that run."), prometheus.GaugeValue, func(b console.Beside) float64 { return float64(b.Running) }},
}

func ofWork(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"loop", "kind", "function"}, nil)
}

func oneIf(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// The metrics of executors have a label for the name of the executor, too.
var ofPools = []struct {
	desc  *prometheus.Desc
	value func(console.Pool) int
}{
	{ofPool("asyncio_console_pool_workers", "Goroutines of an executor."), func(p console.Pool) int { return p.Workers }},
	{ofPool("asyncio_console_pool_size", "How many goroutines an executor may have."), func(p console.Pool) int { return p.Size }},
	{ofPool("asyncio_console_pool_busy", "Goroutines of an executor that run a function."), func(p console.Pool) int { return p.Busy }},
	{ofPool("asyncio_console_pool_queued", "Functions that wait for an executor."), func(p console.Pool) int { return p.Queued }},
}

func ofPool(name, help string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, []string{"loop", "pool"}, nil)
}

var (
	lagBucket = prometheus.NewDesc("asyncio_console_lag_recent_bucket",
		"How many of those that could go on, in the last 10 s, waited at most le seconds for their turn. A gauge, whose rate means nothing; histogram_quantile takes it as it is.", []string{"loop", "le"}, nil)
	warnings = prometheus.NewDesc("asyncio_console_warnings",
		"Warnings that hold now, by their kind: blocked-step, deadlock, queue-grows and others.", []string{"loop", "kind"}, nil)
	failed = prometheus.NewDesc("asyncio_console_error", "The console could not be asked.", nil, nil)
)

// NewCollector returns a collector of what a monitor knows of the loops that run. The
// label loop is the name of the loop. Collecting asks each loop, and waits 250 ms at most
// for a loop that is stuck; so do not collect in a task. NewCollector panics if m is nil.
func NewCollector(m *console.Monitor) prometheus.Collector {
	if m == nil {
		panic("asyncio: NewCollector without a monitor: pass what console.NewMonitor returns")
	}
	return consoleCollector{m}
}

type consoleCollector struct{ monitor *console.Monitor }

func (consoleCollector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range ofConsoles {
		to <- m.desc
	}
	for _, p := range ofPools {
		to <- p.desc
	}
	for _, b := range ofBeside {
		to <- b.desc
	}
	for _, d := range []*prometheus.Desc{lagBucket, warnings} {
		to <- d
	}
}

// patience is how long all loops together may take to answer.
const patience = 5 * time.Second

func (c consoleCollector) Collect(to chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	loops, err := c.monitor.Loops(ctx)
	if err != nil {
		to <- prometheus.NewInvalidMetric(failed, err)
		return
	}
	for _, h := range loops {
		collect(to, h)
	}
}

func collect(to chan<- prometheus.Metric, h console.Health) {
	for _, m := range ofConsoles {
		m.send(to, h, h.Name)
	}
	for _, p := range byName(h.Pools) {
		for _, m := range ofPools {
			to <- prometheus.MustNewConstMetric(m.desc, prometheus.GaugeValue, float64(m.value(p)), h.Name, p.Name)
		}
	}
	for _, b := range h.Beside {
		for _, m := range ofBeside {
			to <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(b), h.Name, b.Kind, b.Function)
		}
	}
	for kind, n := range h.Warnings {
		to <- prometheus.MustNewConstMetric(warnings, prometheus.GaugeValue, float64(n), h.Name, kind)
	}
	collectLag(to, h)
}

// byName adds up executors of one name: one metric can have one value.
func byName(pools []console.Pool) map[string]console.Pool {
	all := map[string]console.Pool{}
	for _, p := range pools {
		sum := all[p.Name]
		all[p.Name] = console.Pool{
			Name: p.Name, Workers: sum.Workers + p.Workers, Size: sum.Size + p.Size,
			Busy: sum.Busy + p.Busy, Queued: sum.Queued + p.Queued,
		}
	}
	return all
}

// collectLag sends the histogram of the lag as gauges. A histogram of Prometheus counts
// from the beginning of the program; this one forgets what is older than 10 s.
func collectLag(to chan<- prometheus.Metric, h console.Health) {
	total := 0.0
	for i, n := range h.Lag {
		total += float64(n)
		le := time.Duration(math.Ldexp(1, i)) * time.Microsecond
		to <- prometheus.MustNewConstMetric(lagBucket, prometheus.GaugeValue, total, h.Name, strconv.FormatFloat(le.Seconds(), 'g', -1, 64))
	}
	to <- prometheus.MustNewConstMetric(lagBucket, prometheus.GaugeValue, total, h.Name, "+Inf")
}
