// Package figures has what every comparison here does with its figures:
// medians and quartiles of rounds, the words of the tables, and a line that
// says which machine they belong to.
package figures

import (
	"math"
	"slices"
)

// Median returns the median, or nil where Quartiles does.
func Median(xs []float64) *float64 {
	_, m, _ := Quartiles(xs)
	return m
}

// Quartiles returns the first quartile, the median and the third, or nils
// unless all values are numbers.
func Quartiles(xs []float64) (q1, q2, q3 *float64) {
	if len(xs) == 0 || slices.ContainsFunc(xs, func(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }) {
		return nil, nil, nil
	}
	sorted := slices.Sorted(slices.Values(xs))
	at := func(part float64) *float64 {
		position := part * float64(len(sorted)-1)
		low := int(position)
		high := min(low+1, len(sorted)-1)
		value := sorted[low] + (position-float64(low))*(sorted[high]-sorted[low])
		return &value
	}
	return at(0.25), at(0.5), at(0.75)
}
