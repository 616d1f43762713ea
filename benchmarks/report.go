package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// report is everything that one run says.
type report struct {
	Command string   `json:"command"`
	Machine string   `json:"machine"`
	Results []result `json:"results"`
	Notes   []string `json:"notes,omitempty"`
}

func (r report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(r)
}

// writeText prints the tables for people.
func (r report) writeText(w io.Writer) error {
	fmt.Fprintf(w, "%s\n%s\n\n", r.Command, r.Machine)
	if err := r.writeRatios(w); err != nil {
		return err
	}
	fmt.Fprintln(w)
	if err := r.writeAllocations(w); err != nil {
		return err
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", note)
	}
	return nil
}

func newTable(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
}

func (r report) writeRatios(w io.Writer) error {
	t := newTable(w)
	fmt.Fprintln(t, "subject (per)\tagainst\tasyncio\tbase\tratio\tquartiles\tfastest\tCPU ratio\ttarget\treached")
	for _, res := range r.Results {
		for _, x := range res.Ratios {
			name := fmt.Sprintf("%s (%s)", res.Subject, res.Op)
			if x.metric != wall {
				name = fmt.Sprintf("%s: %s (%s)", res.Subject, x.Metric, res.Op)
			}
			fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s-%s\t%s\t%s\t%s\t%s\n", name, x.Base,
				quantity(x.metric, x.Ours), quantity(x.metric, x.Theirs),
				number(x.Ratio), number(x.Q1), number(x.Q3), number(x.Fastest), number(x.CPU),
				bound(x.Target), verdict(x.Target, x.Ratio, x.Reached))
		}
	}
	return t.Flush()
}

func (r report) writeAllocations(w io.Writer) error {
	t := newTable(w)
	fmt.Fprintln(t, "asyncio's side of (per)\tallocations\tbytes\ttargets\treached")
	for _, res := range r.Results {
		if res.Allocs == nil {
			continue
		}
		var bounds, verdicts []string
		for _, l := range res.Limits {
			bounds = append(bounds, l.Metric+" "+bound(l.Target))
			verdicts = append(verdicts, verdict(l.Target, l.Is, l.Reached))
		}
		fmt.Fprintf(t, "%s (%s)\t%.2f\t%.0f\t%s\t%s\n", res.Subject, res.Op, *res.Allocs, *res.Bytes,
			strings.Join(bounds, ", "), strings.Join(verdicts, ", "))
	}
	return t.Flush()
}

// bound and verdict leave a target that does not exist blank.
func bound(target float64) string {
	if target == 0 {
		return ""
	}
	return fmt.Sprintf("<= %g", target)
}

func verdict(target float64, is *float64, reached bool) string {
	switch {
	case target == 0:
		return ""
	case is == nil:
		return "not measured"
	case reached:
		return "yes"
	}
	return "NO"
}

func number(x *float64) string {
	if x == nil {
		return "?"
	}
	return fmt.Sprintf("%.2f", *x)
}

// quantity writes a time or a size in a unit that suits it.
func quantity(m metric, x *float64) string {
	if x == nil {
		return "?"
	}
	steps := []string{"ns", "µs", "ms", "s"}
	if m == sys || m == inUse || m == allocBytes {
		steps = []string{"B", "kB", "MB", "GB"}
	}
	v := *x
	for len(steps) > 1 && v >= 1000 {
		v, steps = v/1000, steps[1:]
	}
	return fmt.Sprintf("%.3g %s", v, steps[0])
}
