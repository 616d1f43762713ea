package differential

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
	"github.com/asyncio-go/asyncio/streams"
)

// A reading is what comes from a stream, part by part, and how it is read. Reader and
// asyncio.StreamReader have to give the same, byte for byte.
type reading struct {
	Limit  int
	Parts  []string
	Broken bool // the stream ends with an error, and with it the reading
	Ops    []readOp
}

type readOp struct {
	Kind string   // "line", "until", "exactly", "some", "all"
	N    int      `json:",omitzero"`
	Seps []string `json:",omitempty"`
}

// generateReading makes the reading of a seed.
func generateReading(seed uint64) reading {
	g := &generator{source: rand.NewPCG(seed, 1)}
	rd := reading{Limit: 1 + g.below(20), Broken: g.below(4) == 0}
	if g.below(4) == 0 {
		rd.Limit = 1000
	}
	letters := []string{"a", "b", "c", ";", "\n", "ab", "bc"}[:3+g.below(5)]
	for range g.below(12) {
		rd.Parts = append(rd.Parts, g.text(letters, 1+g.below(1+g.below(25))))
	}
	for range 1 + g.below(12) {
		o := readOp{Kind: []string{"line", "line", "until", "until", "until", "exactly", "some", "some", "all"}[g.below(9)]}
		switch o.Kind {
		case "until":
			for range 1 + g.below(3) {
				o.Seps = append(o.Seps, g.text(letters, 1+g.below(3)))
			}
		case "exactly":
			o.N = g.below(30)
		case "some":
			o.N = 1 + g.below(30)
		case "all":
			if g.below(3) > 0 {
				o.Kind = "line"
			}
		}
		rd.Ops = append(rd.Ops, o)
	}
	return rd
}

func (g *generator) text(letters []string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(letters[g.below(len(letters))])
	}
	return b.String()
}

var errBroken = errors.New("broken")

// A source is the stream of a reading: each Read gives one part.
type source struct {
	parts []string
	end   error
}

func (s *source) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, s.end
	}
	n := copy(p, s.parts[0])
	if s.parts[0] = s.parts[0][n:]; s.parts[0] == "" {
		s.parts = s.parts[1:]
	}
	return n, nil
}

// lines returns what a reading gives here.
func (rd reading) lines() (lines []string) {
	src := &source{parts: slices.Clone(rd.Parts), end: io.EOF}
	if rd.Broken {
		src.end = errBroken
	}
	r := streams.NewReader(src, rd.Limit)
	for _, o := range rd.Ops {
		got, err := o.read(r)
		what := "got " + string(got)
		var incomplete *streams.IncompleteReadError
		var over *streams.LimitOverrunError
		switch {
		case err == errBroken:
			return append(lines, "broken")
		case errors.As(err, &incomplete):
			what = "incomplete " + string(incomplete.Partial)
		case errors.As(err, &over) && o.Kind == "line":
			what = "limit"
		case errors.As(err, &over):
			what = fmt.Sprint("limit ", over.Consumed)
		case err != nil && err != io.EOF:
			what = err.Error()
		}
		lines = append(lines, what+map[bool]string{true: " end", false: " more"}[r.AtEOF()])
	}
	return lines
}

func (o readOp) read(r *streams.Reader) ([]byte, error) {
	switch o.Kind {
	case "line":
		return r.ReadLine()
	case "until":
		return r.ReadUntil(each(o.Seps, func(s string) []byte { return []byte(s) })...)
	case "exactly":
		return r.ReadExactly(o.N)
	case "all":
		return r.ReadAll()
	default:
		p := make([]byte, o.N)
		n, err := r.Read(p)
		return p[:n], err
	}
}

// readings returns those of some seeds.
func readings(first uint64, n int) (all []reading) {
	for i := range n {
		all = append(all, generateReading(first+uint64(i)))
	}
	return all
}

// hash tells readings apart, as that of a program does.
func (rd reading) hash() string { return hashOf(rd) }

// readByPython returns what readings give under CPython.
func readByPython(t *testing.T, interpreter string, all []reading) (lines [][]string) {
	t.Helper()
	text, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "readings.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(python.Output(t, "testdata", interpreter, "readers.py", file), &lines); err != nil || len(lines) != len(all) {
		t.Fatalf("%d of %d readings: %v", len(lines), len(all), err)
	}
	return lines
}

func TestReadersAgainstPython(t *testing.T) {
	interpreter := python.Exactly(t, 13)
	all := readings(*firstSeed, *programs)
	differ := 0
	for i, want := range readByPython(t, interpreter, all) {
		if got := all[i].lines(); !slices.Equal(got, want) {
			if differ++; differ <= 5 {
				t.Errorf("seed %d: %+v\n%s", *firstSeed+uint64(i), all[i], sideBySide(want, got))
			}
		}
	}
	t.Logf("%d of %d readings agree", len(all)-differ, len(all))
}
