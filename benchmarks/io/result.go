//go:build linux

package main

import (
	"slices"

	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
)

// result is what the rounds of one case say.
type result struct {
	Case   workload     `json:"case"`
	Rounds int          `json:"rounds"`
	Sides  []sideResult `json:"sides"`
	Ratios []ratio      `json:"ratios"`
}

// sideResult is what one side did, by metric.
type sideResult struct {
	Side    string             `json:"side"`
	Figures map[string]float64 `json:"figures"`
}

// ratio is one of our sides divided by a rival, by one metric, and the
// quartiles of that within the rounds.
type ratio struct {
	Side    string  `json:"side"`
	Against string  `json:"against"`
	Metric  string  `json:"metric"`
	Ratio   float64 `json:"ratio"`
	Q1      float64 `json:"q1"`
	Q3      float64 `json:"q3"`
	Target  string  `json:"target,omitempty"`
	Reached bool    `json:"reached"`
}

// compared are the metrics of which there are ratios.
var compared = []metric{rate, cpu, user}

// evaluate says what the samples mean. Column i of a round is sides[i].
func (r *result) evaluate(sides []side, rounds [][]sample) {
	for i, s := range sides {
		all := map[string]float64{}
		for m := range metrics {
			all[m.String()] = figure(rounds, i, m)
		}
		r.Sides = append(r.Sides, sideResult{s.name, all})
	}
	for i, s := range sides {
		for j, base := range sides {
			if !slices.Contains(s.against, base.name) {
				continue
			}
			for _, m := range compared {
				r.Ratios = append(r.Ratios, compare(rounds, i, j, m, s.name, base))
			}
		}
	}
}

// compare divides ours by theirs. Requests per second are divided round by
// round, and the median is taken. Times of the processor are divided after they
// were added up: one turn has too few ticks of the kernel's clock for that.
func compare(rounds [][]sample, ours, theirs int, m metric, name string, base side) ratio {
	quotients := column(rounds, ours, m)
	for i, x := range column(rounds, theirs, m) {
		quotients[i] /= x
	}
	r := ratio{Side: name, Against: base.name, Metric: m.String()}
	q1, q2, q3 := figures.Quartiles(quotients)
	if q2 == nil { // a turn so short that a tick has not come
		return r
	}
	r.Q1, r.Ratio, r.Q3 = *q1, *q2, *q3
	if m.added() {
		r.Ratio = figure(rounds, ours, m) / figure(rounds, theirs, m)
	}
	for _, t := range base.targets {
		if t.metric == m {
			r.Target, r.Reached = t.String(), t.reached(r.Ratio)
		}
	}
	return r
}

// figure returns what all rounds say about one side: the mean over all requests
// for what is added up, else the median.
func figure(rounds [][]sample, side int, m metric) float64 {
	if !m.added() {
		return *figures.Median(column(rounds, side, m))
	}
	sum, n := 0.0, 0.0
	for _, r := range rounds {
		sum += r[side][m] * r[side][requests]
		n += r[side][requests]
	}
	return sum / n
}

// column returns a metric of one side, round by round.
func column(rounds [][]sample, side int, m metric) []float64 {
	all := make([]float64, len(rounds))
	for i, r := range rounds {
		all[i] = r[side][m]
	}
	return all
}
