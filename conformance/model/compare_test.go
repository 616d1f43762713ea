// Random programs, part five: the library and the reference model must do the
// same, at the same time, in the same order and in the same passes, and lose
// no error.

package model

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// Programs have up to that many operations, some few and some all of them.
const programSize = 50

func TestRandomProgramsAgainstTheModel(t *testing.T) { asyncioKinds.check(t, 10_000) }

func FuzzProgramsAgainstTheModel(f *testing.F) { asyncioKinds.fuzz(f) }

// check compares programs with the model.
func (l language) check(t *testing.T, programs int) {
	if testing.Short() || runtime.GOARCH == "wasm" { // which is slow
		programs = 1_000
	}
	noCollections(t)
	for seed := range programs {
		if seed%500 == 0 {
			runtime.GC()
		}
		l.checkProgram(t, fmt.Sprintf("seed %d", seed), randomBytes(uint64(seed)))
		if t.Failed() {
			return
		}
	}
}

func (l language) fuzz(f *testing.F) {
	for seed := range 20 {
		f.Add(randomBytes(uint64(seed)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		noCollections(t)
		l.checkProgram(t, "fuzzed", data)
	})
}

// noCollections keeps the collector still during a test: tasks that it finds
// with an error that no one has looked at are reported in a pass of their
// own.
func noCollections(t *testing.T) {
	percent := debug.SetGCPercent(-1)
	t.Cleanup(func() { debug.SetGCPercent(percent) })
}

func randomBytes(seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 0))
	data := make([]byte, 250)
	for i := range data {
		data[i] = byte(r.Uint32())
	}
	return data
}

// checkProgram lets both carry out the program that data stands for. If they
// differ, it shows the smallest program it can find that does so.
func (l language) checkProgram(t *testing.T, name string, data []byte) {
	t.Helper()
	p := l.generate(data, programSize)
	if differ(p) == "" {
		return
	}
	p = shrink(p)
	t.Errorf("%s: the library differs from the model\n%v\n%s", name, p, differ(p))
}

// differ returns how the library differs from the model, or "".
func differ(p randomProgram) string {
	trace, reports := runOnLibrary(p)
	wantTrace, wantReports := runOnModel(p)
	got, want := relative(trace), relative(wantTrace)
	if slices.Equal(got, want) && slices.Equal(reports, wantReports) {
		return ""
	}
	return sideBySide(want, got) + fmt.Sprintf("reports: model %q, library %q", wantReports, reports)
}

// shrink takes away from a program what it can and still have it differ.
func shrink(p randomProgram) randomProgram {
	for {
		all := shrunkRoots(p.Roots)
		smaller := slices.IndexFunc(all, func(roots []op) bool { return differ(randomProgram{roots, p.Slots}) != "" })
		if smaller < 0 {
			return p
		}
		p.Roots = all[smaller]
	}
}

// shrunkRoots is shrunk for the roots, which have to stay what they are.
func shrunkRoots(roots []op) [][]op {
	var all [][]op
	for i, root := range roots {
		all = append(all, slices.Concat(roots[:i], roots[i+1:]))
		for _, body := range shrunk(root.Body) {
			smaller := root
			smaller.Body = body
			all = append(all, slices.Concat(roots[:i], []op{smaller}, roots[i+1:]))
		}
	}
	return all
}

// shrunk lists what becomes of a body when one operation is left out, gives
// way to what is in it, or is shrunk inside.
func shrunk(ops []op) [][]op {
	var all [][]op
	with := func(i int, in ...op) { all = append(all, slices.Concat(ops[:i], in, ops[i+1:])) }
	for i, o := range ops {
		with(i)
		if len(o.Body) > 0 && o.Kind != opSoon && o.Kind != opLater {
			with(i, o.Body...)
			for _, body := range shrunk(o.Body) {
				smaller := o
				smaller.Body = body
				with(i, smaller)
			}
		}
		for _, cleanup := range shrunk(o.Cleanup) {
			smaller := o
			smaller.Cleanup = cleanup
			with(i, smaller)
		}
		for j, p := range o.Parts {
			smaller := o
			smaller.Parts = slices.Delete(slices.Clone(o.Parts), j, j+1)
			with(i, smaller)
			for _, body := range shrunk(p.Body) {
				smaller := o
				smaller.Parts = slices.Clone(o.Parts)
				smaller.Parts[j].Body = body
				with(i, smaller)
			}
		}
	}
	return all
}

func sideBySide(want, got []string) string {
	return asynctest.SideBySide("model", want, "library", got)
}
