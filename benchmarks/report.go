package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
)

// report is everything that one run says.
type report struct {
	Command string   `json:"command"`
	Machine string   `json:"machine"`
	Results []result `json:"results,omitempty"`
	Counts  []count  `json:"counts,omitempty"`
	Notes   []string `json:"notes,omitempty"`
}

// writeText prints the tables for people.
func (r report) writeText(w io.Writer) error {
	fmt.Fprintf(w, "%s\n%s\n\n", r.Command, r.Machine)
	if err := r.writeTables(w); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", note)
	}
	return nil
}

// writeTables prints the tables of what was measured.
func (r report) writeTables(w io.Writer) error {
	if r.Results == nil {
		return r.writeCounts(w)
	}
	if err := r.writeRatios(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	return r.writeAllocations(w)
}

func (r report) writeRatios(w io.Writer) error {
	t := figures.NewTable(w)
	fmt.Fprintln(t, "subject (per)\tagainst\tasyncio\tbase\tratio\tquartiles\tfastest\tCPU ratio\ttarget\treached")
	for _, res := range r.Results {
		for _, x := range res.Ratios {
			name := fmt.Sprintf("%s (%s)", res.Subject, res.Op)
			if x.metric != wall {
				name = fmt.Sprintf("%s: %s (%s)", res.Subject, x.Metric, res.Op)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s-%s\t%s\t%s\t%s\t%s\n", name, x.Base,
				quantity(x.metric, x.Ours), quantity(x.metric, x.Theirs),
				figures.Number(x.Ratio), figures.Number(x.Q1), figures.Number(x.Q3), figures.Number(x.Fastest), figures.Number(x.CPU),
				bound(x.Target), figures.Verdict(x.Target, x.Ratio, x.Reached))
		}
	}
	return t.Flush()
}

func (r report) writeAllocations(w io.Writer) error {
	t := figures.NewTable(w)
	fmt.Fprintln(t, "asyncio's side of (per)\tallocations\tbytes\ttargets\treached")
	for _, res := range r.Results {
		if res.Allocs == nil {
			continue
		}
		var bounds, verdicts []string
		for _, l := range res.Limits {
			bounds = append(bounds, l.Metric+" "+bound(l.Target))
			verdicts = append(verdicts, figures.Verdict(l.Target, l.Is, l.Reached))
		}
		fmt.Fprintf(t, "%s (%s)\t%.2f\t%.0f\t%s\t%s\n", res.Subject, res.Op, *res.Allocs, *res.Bytes,
			strings.Join(bounds, ", "), strings.Join(verdicts, ", "))
	}
	return t.Flush()
}

// bound leaves a target that does not exist blank.
func bound(target float64) string {
	if target == 0 {
		return ""
	}
	return fmt.Sprintf("<= %g", target)
}

// quantity writes a time or a size in a unit that suits it.
func quantity(m metric, x *float64) string {
	if m == sys || m == inUse || m == allocBytes {
		return figures.Size(x)
	}
	return figures.Time(x)
}
