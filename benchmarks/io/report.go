//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
)

// report is everything that one run says.
type report struct {
	Command string       `json:"command"`
	Machine string       `json:"machine"`
	Results []result     `json:"results"`
	Idle    []idleResult `json:"idle,omitempty"`
	Notes   []string     `json:"notes,omitempty"`
}

// writeText prints the tables for people.
func (r report) writeText(w io.Writer) error {
	fmt.Fprintf(w, "%s\n%s\n", r.Command, r.Machine)
	for _, write := range []func(io.Writer) error{r.writeRatios, r.writeFigures, r.writeIdle} {
		if err := write(w); err != nil {
			return err
		}
	}
	for _, note := range r.Notes {
		fmt.Fprintf(w, "\nnote: %s\n", note)
	}
	return nil
}

// writeRatios prints our sides divided by the others.
func (r report) writeRatios(w io.Writer) error {
	t := figures.NewTable(w)
	fmt.Fprintln(t, "\ncase\tour side\tagainst\treq/s\tquartiles\tCPU\tuser\ttargets reached")
	any := false
	for _, res := range r.Results {
		for x := range slices.Chunk(res.Ratios, len(compared)) {
			any = true
			fmt.Fprintf(t, "%v\t%s\t%s\t%.2f\t%.2f-%.2f\t%.2f\t%.2f\t%s\n", res.Case, x[0].Side, x[0].Against,
				x[0].Ratio, x[0].Q1, x[0].Q3, x[1].Ratio, x[2].Ratio, verdict(x))
		}
	}
	if !any {
		return nil
	}
	return t.Flush()
}

// verdict says which of the targets are reached; nothing if there are none.
func verdict(ratios []ratio) string {
	var missed []string
	targets := 0
	for _, x := range ratios {
		if x.Target == "" {
			continue
		}
		targets++
		if !x.Reached {
			missed = append(missed, x.Target)
		}
	}
	switch {
	case targets == 0:
		return ""
	case len(missed) == 0:
		return "yes"
	}
	return "NO: " + strings.Join(missed, ", ")
}

// writeFigures prints what each side did.
func (r report) writeFigures(w io.Writer) error {
	if len(r.Results) == 0 {
		return nil
	}
	t := figures.NewTable(w)
	fmt.Fprintln(t, "\ncase\tside\treq/s\tCPU\tuser\tsystem\tp50\tp99\tbusy\tload busy")
	for _, res := range r.Results {
		for _, s := range res.Sides {
			fmt.Fprintf(t, "%v\t%s\t%.0f", res.Case, s.Side, s.Figures[rate.String()])
			for _, m := range []metric{cpu, user, sys, p50, p99} {
				ns := s.Figures[m.String()]
				fmt.Fprintf(t, "\t%s", figures.Time(&ns))
			}
			fmt.Fprintf(t, "\t%.2f\t%.2f\n", s.Figures[busy.String()], s.Figures[loadBusy.String()])
		}
	}
	return t.Flush()
}

// writeIdle prints what idle connections cost.
func (r report) writeIdle(w io.Writer) error {
	if len(r.Idle) == 0 {
		return nil
	}
	t := figures.NewTable(w)
	fmt.Fprintf(t, "\n%s\tside\tmemory per connection\tagainst %s\ttarget\treached\n", idleName, baseline)
	for _, x := range r.Idle {
		bound := ""
		if x.Target > 0 {
			bound = fmt.Sprintf("<= %g", x.Target)
		}
		fmt.Fprintf(t, "%d\t%s\t%s\t%.2f\t%s\t%s\n", x.Connections, x.Side, figures.Size(&x.Bytes), x.Against,
			bound, figures.Verdict(x.Target, &x.Against, x.Reached))
	}
	return t.Flush()
}
