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

// How many are recorded. Their seeds begin at 0.
const (
	recordedPrograms = 2_000
	recordedReadings = 2_000
)

// A recording is what CPython's asyncio has printed for the program, or the reading, of
// a seed.
type recording struct {
	Seed  uint64
	Hash  string   // of the program or reading
	Lines []string // with all switches on
	Plain bool     `json:",omitzero"` // the program prints these with no switch on as well
}

func recordings(t *testing.T, file string, n int) (all []recording) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err == nil {
		err = json.NewDecoder(text).Decode(&all)
	}
	if err != nil || len(all) != n {
		t.Fatalf("%d recordings: %v", len(all), err)
	}
	return all
}

const (
	programsFile = "testdata/programs.json.gz"
	readingsFile = "testdata/readings.json.gz"
)

// isFor fails the test if the generator has changed.
func (rec recording) isFor(t *testing.T, hash string) {
	t.Helper()
	if rec.Hash != hash {
		t.Fatalf("seed %d gives something else than when it was recorded: see README.md", rec.Seed)
	}
}

// The programs that are recorded print the same here.
func TestRecordedPrograms(t *testing.T) {
	c := newCoverage()
	for _, rec := range recordings(t, programsFile, recordedPrograms) {
		p := generate(rec.Seed)
		rec.isFor(t, p.hash())
		got := linesOf(p)
		if c.add(p, got); !slices.Equal(got, rec.Lines) {
			t.Errorf("seed %d\n%v\n%s", rec.Seed, p, sideBySide(rec.Lines, got))
		}
	}
	t.Log(c)
	if c.canceled < c.programs/3 || min(c.twice, c.byTimer) < c.programs/20 {
		t.Error("too few programs cancel something")
	}
	for _, kind := range kinds() {
		if c.kinds[kind] < c.programs/25 {
			t.Errorf("only %d of %d programs have an operation %q", c.kinds[kind], c.programs, kind)
		}
	}
}

// The readings that are recorded give the same here, byte for byte.
func TestRecordedReadings(t *testing.T) {
	for _, rec := range recordings(t, readingsFile, recordedReadings) {
		rd := generateReading(rec.Seed)
		rec.isFor(t, rd.hash())
		if got := rd.lines(); !slices.Equal(got, rec.Lines) {
			t.Errorf("seed %d: %+v\n%s", rec.Seed, rd, sideBySide(rec.Lines, got))
		}
	}
}

// What was recorded of programs is what CPython prints, with all switches on and with
// none. Only a tenth of them is looked at, for CPython is slow.
func TestRecordedProgramsAreWhatPythonPrints(t *testing.T) {
	interpreter := python.Exactly(t, 13)
	n := recordedPrograms
	if !*recordAnew {
		n /= 10
	}
	var ps []program
	for seed := range uint64(n) {
		ps = append(ps, generate(seed))
	}
	on, off := onPython(t, interpreter, allSwitches, ps), onPython(t, interpreter, nil, ps)
	if *recordAnew {
		all := make([]recording, len(ps))
		for i, p := range ps {
			all[i] = recording{uint64(i), p.hash(), on[i], slices.Equal(on[i], off[i])}
		}
		record(t, programsFile, all)
	}
	plain := 0
	for i, rec := range recordings(t, programsFile, recordedPrograms)[:n] {
		if !slices.Equal(rec.Lines, on[i]) {
			t.Errorf("seed %d\n%v\n%s", rec.Seed, ps[i], sideBySide(on[i], rec.Lines))
		}
		if rec.Plain && !slices.Equal(rec.Lines, off[i]) {
			t.Errorf("seed %d, with no switch on\n%v\n%s", rec.Seed, ps[i], sideBySide(off[i], rec.Lines))
		}
		if rec.Plain {
			plain++
		}
	}
	t.Logf("%d of %d programs need no switch", plain, len(ps))
}

func TestRecordedReadingsAreWhatPythonPrints(t *testing.T) {
	rds := readings(0, recordedReadings)
	printed := readByPython(t, python.Exactly(t, 13), rds)
	if *recordAnew {
		all := make([]recording, len(rds))
		for i, rd := range rds {
			all[i] = recording{Seed: uint64(i), Hash: rd.hash(), Lines: printed[i]}
		}
		record(t, readingsFile, all)
	}
	for i, rec := range recordings(t, readingsFile, recordedReadings) {
		if !slices.Equal(rec.Lines, printed[i]) {
			t.Errorf("seed %d: %+v\n%s", rec.Seed, rds[i], sideBySide(printed[i], rec.Lines))
		}
	}
}

func record(t *testing.T, file string, all []recording) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	text, _ := gzip.NewWriterLevel(f, gzip.BestCompression)
	for _, err := range []error{json.NewEncoder(text).Encode(all), text.Close(), f.Close()} {
		if err != nil {
			t.Fatal(err)
		}
	}
}
