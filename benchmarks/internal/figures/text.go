package figures

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// NewTable returns a writer that aligns cells ended by tabs.
func NewTable(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
}

// Number writes a ratio.
func Number(x *float64) string {
	if x == nil {
		return "?"
	}
	return fmt.Sprintf("%.2f", *x)
}

// Time writes nanoseconds in a unit that suits them.
func Time(ns *float64) string { return quantity(ns, "ns", "µs", "ms", "s") }

// Size writes bytes in a unit that suits them.
func Size(bytes *float64) string { return quantity(bytes, "B", "kB", "MB", "GB") }

// quantity writes x in one of units, each a thousand times the one before.
func quantity(x *float64, units ...string) string {
	if x == nil {
		return "?"
	}
	v := *x
	for len(units) > 1 && v >= 1000 {
		v, units = v/1000, units[1:]
	}
	return fmt.Sprintf("%.3g %s", v, units[0])
}

// Verdict says whether a target was reached; nothing where there is none.
func Verdict(target float64, is *float64, reached bool) string {
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
