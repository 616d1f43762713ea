package main

import (
	"strings"
	"testing"
)

// BenchmarkSubjects runs the bodies of every subject as ordinary benchmarks,
// for profiles and for benchstat:
//
//	go test -bench 'Subjects/yield' -count 10 | benchstat -col /by -
//
// The sides are not interleaved here; for ratios use the command.
func BenchmarkSubjects(b *testing.B) {
	for _, s := range subjects(full, nil) {
		b.Run(strings.ReplaceAll(s.name, "/", "-"), func(b *testing.B) {
			for _, c := range s.contenders() {
				if c.outside == nil {
					b.Run("by="+c.name, func(b *testing.B) { benchmark(b, c.body) })
				}
			}
		})
	}
}

func benchmark(b *testing.B, run body) {
	b.ReportAllocs()
	if err := run(b, b.N); err != nil {
		b.Fatal(err)
	}
}
