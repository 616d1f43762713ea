package main

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
)

// result is what the rounds of one subject say.
type result struct {
	Subject string   `json:"subject"`
	Op      string   `json:"op"`
	Rounds  int      `json:"rounds"`
	Ratios  []ratio  `json:"ratios"`
	Allocs  *float64 `json:"allocs,omitempty"` // per operation of ours; nil where a child did the work
	Bytes   *float64 `json:"bytes,omitempty"`
	Limits  []limit  `json:"limits,omitempty"`
}

// ratio is our side divided by a base, by one metric. The medians are in ns
// or bytes per operation.
type ratio struct {
	Base    string   `json:"base"`
	Metric  string   `json:"metric"`
	Ours    *float64 `json:"ours"`
	Theirs  *float64 `json:"theirs"`
	Ratio   *float64 `json:"ratio"` // median of the ratios within the rounds
	Q1      *float64 `json:"q1"`
	Q3      *float64 `json:"q3"`
	Fastest *float64 `json:"fastest"` // our lowest figure divided by theirs, of whatever rounds
	CPU     *float64 `json:"cpu_ratio,omitempty"`
	Target  float64  `json:"target,omitempty"` // 0: none
	Reached bool     `json:"reached"`
	metric  metric
}

// limit is a figure of our side alone and what it should not exceed.
type limit struct {
	Metric  string   `json:"metric"`
	Is      *float64 `json:"is"`
	Target  float64  `json:"target"`
	Reached bool     `json:"reached"`
}

// usualRounds are the rounds of a subject that does not ask for fewer.
const usualRounds = 9

// measureSubject gives the contenders of s their turns.
func measureSubject(s subject, set settings) (result, error) {
	if set.rounds == 0 {
		set.rounds = cmp.Or(s.rounds, usualRounds)
	}
	rounds, err := interleave(s.contenders(), set)
	if err != nil {
		return result{}, fmt.Errorf("%s: %w", s.name, err)
	}
	if set.untargeted {
		s = s.withoutTargets()
	}
	return evaluate(s, rounds), nil
}

// evaluate says what the samples mean. Column 0 of a round is ours.
func evaluate(s subject, rounds [][]sample) result {
	r := result{Subject: s.name, Op: s.op, Rounds: len(rounds)}
	for i, b := range s.bases {
		targets := b.ratios
		if len(targets) == 0 {
			targets = []target{{metric: wall}}
		}
		for _, t := range targets {
			r.Ratios = append(r.Ratios, compare(b.name, t, rounds, i+1))
		}
	}
	r.Allocs, r.Bytes = figures.Median(column(rounds, 0, allocs)), figures.Median(column(rounds, 0, allocBytes))
	for _, t := range s.limits {
		is := figures.Median(column(rounds, 0, t.metric))
		r.Limits = append(r.Limits, limit{t.metric.String(), is, t.atMost, is != nil && *is <= t.atMost*slack})
	}
	return r
}

// slack allows for memory that is allocated once in a round, divided by the operations.
const slack = 1.005

// compare divides column 0 by another one.
func compare(name string, t target, rounds [][]sample, theirs int) ratio {
	r := ratio{Base: name, Metric: t.metric.String(), Target: t.atMost, metric: t.metric}
	r.Ours = figures.Median(column(rounds, 0, t.metric))
	r.Theirs = figures.Median(column(rounds, theirs, t.metric))
	r.Q1, r.Ratio, r.Q3 = figures.Quartiles(quotients(rounds, theirs, t.metric))
	if r.Ratio != nil {
		fastest := slices.Min(column(rounds, 0, t.metric)) / slices.Min(column(rounds, theirs, t.metric))
		r.Fastest = &fastest
	}
	r.Reached = r.Ratio != nil && t.atMost > 0 && hundredths(*r.Ratio) <= hundredths(t.atMost)
	if t.metric == wall {
		r.CPU = figures.Median(quotients(rounds, theirs, cpu))
	}
	return r
}

// hundredths rounds x to what the table shows of it, so that what looks equal
// to a target reaches it.
func hundredths(x float64) int { return int(math.Round(100 * x)) }

// column returns a metric of one contender, round by round.
func column(rounds [][]sample, contender int, m metric) []float64 {
	all := make([]float64, len(rounds))
	for i, r := range rounds {
		all[i] = r[contender][m]
	}
	return all
}

// quotients divides the metric of contender 0 by that of another, within each
// round.
func quotients(rounds [][]sample, theirs int, m metric) []float64 {
	all := column(rounds, 0, m)
	for i, base := range column(rounds, theirs, m) {
		all[i] /= base
	}
	return all
}
