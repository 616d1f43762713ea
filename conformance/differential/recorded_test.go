package differential

import (
	"compress/gzip"
	"encoding/json"
	"flag"
	"os"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio/conformance/internal/python"
)

var recordAnew = flag.Bool("record", false, "record anew what CPython prints")

const (
	recordedFile     = "testdata/recorded.json.gz"
	recordedPrograms = 2_000
)

// A recording is what CPython's asyncio has printed for the program of a seed.
type recording struct {
	Seed  uint64
	Hash  string   // of the program
	Lines []string // with all switches on
	Plain bool     // these are the lines with no switch on as well
}

func recordings(t *testing.T) (all []recording) {
	t.Helper()
	file, err := os.Open(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := gzip.NewReader(file)
	if err == nil {
		err = json.NewDecoder(text).Decode(&all)
	}
	if err != nil || len(all) < recordedPrograms {
		t.Fatalf("%d recordings: %v", len(all), err)
	}
	return all
}

// The programs that are recorded print the same here.
func TestRecordedPrograms(t *testing.T) {
	c := newCoverage()
	for _, rec := range recordings(t) {
		p := generate(rec.Seed)
		if p.hash() != rec.Hash {
			t.Fatalf("seed %d gives another program than when it was recorded: run this package's tests with -record", rec.Seed)
		}
		got := linesOf(p)
		if c.add(p, got); !slices.Equal(got, rec.Lines) {
			t.Errorf("seed %d\n%v\n%s", rec.Seed, p, sideBySide(rec.Lines, got))
		}
	}
	t.Log(c)
	if c.canceled < c.programs/3 {
		t.Errorf("only %d of %d programs cancel something", c.canceled, c.programs)
	}
	for _, kind := range kinds() {
		if c.kinds[kind] < c.programs/25 {
			t.Errorf("only %d of %d programs have an operation %q", c.kinds[kind], c.programs, kind)
		}
	}
}

// What was recorded is what CPython prints, with all switches on and with none.
func TestRecordingsAreWhatPythonPrints(t *testing.T) {
	interpreter := python.Exactly(t, 13)
	var ps []program
	for seed := range uint64(recordedPrograms) {
		ps = append(ps, generate(seed))
	}
	on, off := onPython(t, interpreter, allSwitches, ps), onPython(t, interpreter, nil, ps)
	if *recordAnew {
		record(t, ps, on, off)
	}
	plain := 0
	for i, rec := range recordings(t) {
		if !slices.Equal(rec.Lines, on[i]) {
			t.Errorf("seed %d\n%v\n%s", rec.Seed, ps[i], sideBySide(on[i], rec.Lines))
		}
		if rec.Plain {
			plain++
		}
	}
	t.Logf("%d of %d programs need no switch", plain, len(ps))
}

func record(t *testing.T, ps []program, on, off [][]string) {
	t.Helper()
	var all []recording
	for i, p := range ps {
		all = append(all, recording{uint64(i), p.hash(), on[i], slices.Equal(on[i], off[i])})
	}
	file, err := os.Create(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := gzip.NewWriterLevel(file, gzip.BestCompression)
	for _, err := range []error{json.NewEncoder(text).Encode(all), text.Close(), file.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}
