//go:build linux

package main

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
)

// A workload is what one case of the comparison is about.
type workload struct {
	Conns int  `json:"connections"`
	Size  int  `json:"bytes"`
	TLS   bool `json:"tls"`
}

func (w workload) String() string {
	kind := "plain"
	if w.TLS {
		kind = "TLS"
	}
	size := fmt.Sprintf("%d B", w.Size)
	if w.Size >= 1<<10 {
		size = fmt.Sprintf("%d KiB", w.Size>>10)
	}
	return fmt.Sprintf("%s, %s, %d conns", kind, size, w.Conns)
}

const idleName = "idle connections"

// work is what there is to do.
type work struct {
	settings
	cases []workload
	sides []side
}

// choose returns what the options ask for.
func (o options) choose(interpreters []python.Interpreter) (work, error) {
	w := work{settings: o.settings, sides: sides(interpreters)}
	for _, secure := range []bool{false, true} {
		for _, size := range o.sizes {
			for _, conns := range o.conns {
				w.cases = append(w.cases, workload{conns, size, secure})
			}
		}
	}
	w.cases = slices.DeleteFunc(w.cases, func(c workload) bool { return !o.only.MatchString(c.String()) })
	w.sides = slices.DeleteFunc(w.sides, func(s side) bool { return !o.sides.MatchString(s.name) })
	if o.untargeted {
		for i := range w.sides {
			w.sides[i].targets = nil
		}
	}
	if !o.only.MatchString(idleName) {
		w.idle = 0
	}
	if len(w.sides) == 0 || len(w.cases) == 0 && w.idle == 0 {
		return w, errors.New("nothing is called like that; --list prints the names")
	}
	return w, nil
}

func (w work) list(out io.Writer) error {
	for _, c := range w.cases {
		fmt.Fprintln(out, c)
	}
	if w.idle > 0 {
		fmt.Fprintln(out, idleName)
	}
	fmt.Fprintln(out)
	for _, s := range w.sides {
		if _, err := fmt.Fprintln(out, s.name); err != nil {
			return err
		}
	}
	return nil
}
