package prom

import (
	"github.com/asyncio-go/asyncio"
	"github.com/prometheus/client_golang/prometheus"
)

// A metric is one number of S.
type metric[S any] struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(S) float64
}

func counter[S any](name, help string, value func(S) float64) metric[S] {
	return metric[S]{prometheus.NewDesc(name, help, []string{"loop"}, nil), prometheus.CounterValue, value}
}

func gauge[S any](name, help string, value func(S) float64) metric[S] {
	return metric[S]{prometheus.NewDesc(name, help, []string{"loop"}, nil), prometheus.GaugeValue, value}
}

// send sends the metric of a loop.
func (m metric[S]) send(to chan<- prometheus.Metric, s S, loop string) {
	to <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(s), loop)
}

var ofLoops = []metric[asyncio.LoopStats]{
	counter("asyncio_loop_passes_total", "Passes that have begun.", func(s asyncio.LoopStats) float64 { return float64(s.Passes) }),
	counter("asyncio_loop_events_total", "Events of these passes: turns of tasks, callbacks, and the engine's own.", func(s asyncio.LoopStats) float64 { return float64(s.Events) }),
	counter("asyncio_loop_tasks_created_total", "Tasks that were ever created.", func(s asyncio.LoopStats) float64 { return float64(s.Created) }),
	gauge("asyncio_loop_tasks", "Tasks that have not ended.", func(s asyncio.LoopStats) float64 { return float64(s.Tasks) }),
	gauge("asyncio_loop_ready", "Events in the ready queue.", func(s asyncio.LoopStats) float64 { return float64(s.Ready) }),
	gauge("asyncio_loop_timers", "Timers that are set.", func(s asyncio.LoopStats) float64 { return float64(s.Timers) }),
	gauge("asyncio_loop_workers", "Coroutines, which carry tasks.", func(s asyncio.LoopStats) float64 { return float64(s.Workers) }),
	gauge("asyncio_loop_workers_spare", "Coroutines that wait for the next task.", func(s asyncio.LoopStats) float64 { return float64(s.Spare) }),
	gauge("asyncio_loop_threads", "Functions of ToThread that run.", func(s asyncio.LoopStats) float64 { return float64(s.Threads) }),
	gauge("asyncio_loop_descriptors", "Descriptors that the loop waits for.", func(s asyncio.LoopStats) float64 { return float64(s.Descriptors) }),
}

// NewLoopCollector returns a collector of the counters of one loop; see
// [asyncio.Loop.Stats]. Their label loop is name. Collecting does not need the loop:
// while a step blocks the loop, the counters stand still. NewLoopCollector panics if l is
// nil.
func NewLoopCollector(name string, l *asyncio.Loop) prometheus.Collector {
	if l == nil {
		panic("asyncio: NewLoopCollector without a loop: pass asyncio.RunningLoop(ctx), with the context of a task")
	}
	return loopCollector{name, l}
}

type loopCollector struct {
	name string
	loop *asyncio.Loop
}

func (loopCollector) Describe(to chan<- *prometheus.Desc) {
	for _, m := range ofLoops {
		to <- m.desc
	}
}

func (c loopCollector) Collect(to chan<- prometheus.Metric) {
	stats := c.loop.Stats()
	for _, m := range ofLoops {
		m.send(to, stats, c.name)
	}
}
