// Package differential compares random programs, line by line, with what CPython
// prints. One description of a program is read twice: by run_test.go, on this
// library, and by testdata/interpret.py, on CPython's asyncio.

package differential

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

// An op is one operation of a program. Which fields it uses, its Kind says.
type op struct {
	ID      int
	Kind    string
	Time    int    `json:",omitzero"` // in milliseconds
	N       int    `json:",omitzero"` // which task (a slot), future, lock, ...
	K       int    `json:",omitzero"` // how many, or which variant
	Body    []op   `json:",omitempty"`
	Cleanup []op   `json:",omitempty"` // of "clean"
	Parts   []part `json:",omitempty"` // of a combination
}

// A part of a combination is a coroutine, or the task in a slot.
type part struct {
	N    int  `json:",omitzero"`
	Coro bool `json:",omitzero"`
	Body []op `json:",omitempty"`
}

// A program is what main does. When main has done it, it lets the others go on for
// a while, and that is the end.
type program struct {
	Slots int // for tasks
	Body  []op
}

// all calls f for every operation in a body, those inside others included.
func all(ops []op, f func(op)) {
	for _, o := range ops {
		f(o)
		all(o.Body, f)
		all(o.Cleanup, f)
		for _, p := range o.Parts {
			all(p.Body, f)
		}
	}
}

// hash tells programs apart: what was recorded for a seed is for that program alone.
func (p program) hash() string { return hashOf(p) }

func hashOf(v any) string {
	h := fnv.New64a()
	_ = json.NewEncoder(h).Encode(v)
	return fmt.Sprintf("%016x", h.Sum64())
}

func (p program) String() string {
	var b strings.Builder
	writeOps(&b, "", p.Body)
	return b.String()
}

func writeOps(b *strings.Builder, indent string, ops []op) {
	for _, o := range ops {
		fmt.Fprintf(b, "%s%v\n", indent, o)
		writeOps(b, indent+"    ", o.Body)
		for i, p := range o.Parts {
			if !p.Coro {
				fmt.Fprintf(b, "%s  - task %d\n", indent, p.N)
				continue
			}
			fmt.Fprintf(b, "%s  - coroutine t%d.%d\n", indent, o.ID, i)
			writeOps(b, indent+"    ", p.Body)
		}
		if o.Kind == "clean" {
			fmt.Fprintf(b, "%s  cleaning up:\n", indent)
			writeOps(b, indent+"    ", o.Cleanup)
		}
	}
}

// String is the operation without what is in it.
func (o op) String() string {
	return fmt.Sprintf("%d %s (n %d, k %d, time %d)", o.ID, o.Kind, o.N, o.K, o.Time)
}

// size is the number of operations.
func (p program) size() (n int) {
	all(p.Body, func(op) { n++ })
	return n
}

// smaller lists what becomes of a program when one operation is left out, or gives way
// to what is in it.
func (p program) smaller() []program {
	var ps []program
	for _, body := range smallerBodies(p.Body, true) {
		ps = append(ps, program{p.Slots, body})
	}
	return ps
}

// smallerBodies does so for a body. What is in a task of main's stays there: main itself
// must come to its end.
func smallerBodies(ops []op, ofMain bool) (bodies [][]op) {
	with := func(i int, in ...op) { bodies = append(bodies, slices.Concat(ops[:i], in, ops[i+1:])) }
	for i, o := range ops {
		with(i)
		if o.Kind == "soon" || o.Kind == "later" {
			continue
		}
		if len(o.Body) > 0 && !ofMain {
			with(i, o.Body...)
		}
		each := func(in []op, set func(*op, []op)) {
			for _, body := range smallerBodies(in, false) {
				smaller := o
				set(&smaller, body)
				with(i, smaller)
			}
		}
		each(o.Body, func(o *op, body []op) { o.Body = body })
		each(o.Cleanup, func(o *op, body []op) { o.Cleanup = body })
		for j, p := range o.Parts {
			smaller := o
			smaller.Parts = slices.Delete(slices.Clone(o.Parts), j, j+1)
			with(i, smaller)
			each(p.Body, func(o *op, body []op) {
				o.Parts = slices.Clone(o.Parts)
				o.Parts[j].Body = body
			})
		}
	}
	return bodies
}
