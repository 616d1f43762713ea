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

// sideResult is the medians of one side, by metric.
type sideResult struct {
	Side    string             `json:"side"`
	Medians map[string]float64 `json:"medians"`
}

// ratio is one of our sides divided by a rival, by one metric: the median of
// the ratios within the rounds, and the quartiles.
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
		medians := map[string]float64{}
		for m := range metrics {
			medians[m.String()] = *figures.Median(column(rounds, i, m))
		}
		r.Sides = append(r.Sides, sideResult{s.name, medians})
	}
	for i, s := range sides {
		for j, base := range sides {
			if !slices.Contains(s.against, base.name) {
				continue
			}
			for _, m := range compared {
				r.Ratios = append(r.Ratios, compare(s.name, base, m, column(rounds, i, m), column(rounds, j, m)))
			}
		}
	}
}

// compare divides ours by theirs, round by round.
func compare(name string, base side, m metric, ours, theirs []float64) ratio {
	for i := range ours {
		ours[i] /= theirs[i]
	}
	q1, q2, q3 := figures.Quartiles(ours)
	r := ratio{Side: name, Against: base.name, Metric: m.String()}
	if q2 == nil { // no user time in a short turn
		return r
	}
	r.Ratio, r.Q1, r.Q3 = *q2, *q1, *q3
	for _, t := range base.targets {
		if t.metric == m {
			r.Target, r.Reached = t.String(), t.reached(*q2)
		}
	}
	return r
}

// column returns a metric of one side, round by round.
func column(rounds [][]sample, side int, m metric) []float64 {
	all := make([]float64, len(rounds))
	for i, r := range rounds {
		all[i] = r[side][m]
	}
	return all
}
