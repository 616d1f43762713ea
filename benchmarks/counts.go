package main

// Counts: the instructions of an operation, which do not depend on what else
// the machine does. A copy of this program does n operations of one side under
// callgrind, another one 2n, and the difference is divided by n, so that
// starting and ending are not in it. Each has one thread for Go code and no garbage
// collector (GOMAXPROCS=1, GOGC=off): otherwise the number would depend on when the
// collector runs, and on which thread waits for which.
//
// What a body prepares while the clock stands still is counted, too: for example, that a
// task of a crowd is made and begins to wait.
//
// Not counted: the work of the collector and of the kernel. And an instruction is not a
// time: one that misses the caches takes longer than a hundred others.

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/benchmarks/internal/callgrind"
	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
)

// module is the library; this package's own, which is not, is below it.
const (
	module     = "github.com/asyncio-go/asyncio"
	thisModule = module + "/benchmarks"
)

// counted is how much is done for a count, where the difference of two runs
// has to be large beside chance, and callgrind takes fifty times as long.
var counted = settings{cancels: 1000, items: 1_000_000, crowd: 10_000, sleep: 10 * time.Second}

const (
	countedOps = 50_000 // n, unless a subject says otherwise
	fewOps     = 5000   // where an operation is thousands of instructions
	uncounted  = -1     // where preparations, which a count cannot leave out, are most of the work
)

// count is what callgrind says about a subject and one of its bases, in
// instructions per operation.
type count struct {
	Subject string  `json:"subject"`
	Op      string  `json:"op"`
	Base    string  `json:"base"`
	Ours    float64 `json:"ours"`
	Library float64 `json:"library"` // the part of ours that is code of the library
	Theirs  float64 `json:"theirs"`
}

// counter has copies of this program counted.
type counter struct {
	program string
	library string // the folder of the library
	options options
}

// count adds the counts of the subjects.
func (r *report) count(chosen []subject, o options, progress io.Writer) error {
	dir, err := os.MkdirTemp("", "asyncio-benchmarks-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	c := counter{program: filepath.Join(dir, name), options: o}
	if err := c.build(); err != nil {
		return err
	}
	chosen = slices.DeleteFunc(chosen, func(s subject) bool { return s.ops == uncounted })
	for i, s := range chosen {
		fmt.Fprintf(progress, "[%d/%d] %s\n", i+1, len(chosen), s.name)
		counts, err := c.subject(s)
		if errors.Is(err, callgrind.ErrMissing) {
			r.Notes = append(r.Notes, "nothing was counted: "+err.Error())
			return nil
		}
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		r.Counts = append(r.Counts, counts...)
	}
	return nil
}

// build makes a program that knows the names of its functions: what go run
// has made does not. With -trimpath files would have names that begin with the
// module, as functions do, but everything would have to be compiled again.
func (c *counter) build() error {
	where, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil {
		return fmt.Errorf("go list: %w", err)
	}
	c.library = strings.TrimSpace(string(where))
	said, err := exec.Command("go", "build", "-o", c.program, thisModule).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go build: %w\n%s", err, said)
	}
	return nil
}

func (c counter) subject(s subject) (all []count, err error) {
	ours, library, err := c.side(s, s.ours)
	if err != nil {
		return nil, err
	}
	for _, b := range s.bases {
		if b.body == nil {
			continue
		}
		theirs, _, err := c.side(s, b.contender)
		if err != nil {
			return nil, err
		}
		all = append(all, count{s.name, s.op, b.name, ours, library, theirs})
	}
	return all, nil
}

// side returns what an operation of one side takes, and how much of it is the
// library's.
func (c counter) side(s subject, who contender) (all, library float64, err error) {
	n := who.units(cmp.Or(c.options.ops, s.ops, countedOps))
	once, err := c.run(s, who, n)
	if err != nil {
		return 0, 0, err
	}
	twice, err := c.run(s, who, 2*n)
	perOp := func(more, less int) float64 { return float64(more-less) / float64(n) }
	return perOp(twice.All, once.All), perOp(twice.Part, once.Part), err
}

func (c counter) run(s subject, who contender, n int) (callgrind.Counts, error) {
	cmd := exec.Command(c.program, "--only=^"+regexp.QuoteMeta(s.name)+"$", "--side="+who.name,
		"--ops="+strconv.Itoa(n), "--quick="+strconv.FormatBool(c.options.quick))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	return callgrind.Run(cmd, c.ofLibrary)
}

// ofLibrary reports whether code is a function of the library, or was inlined
// from one.
func (c counter) ofLibrary(function, file string) bool {
	if inside, ok := strings.CutPrefix(filepath.ToSlash(file), filepath.ToSlash(c.library)+"/"); ok {
		file = module + "/" + inside
	}
	for _, name := range []string{function, file} {
		if strings.HasPrefix(name, module) && !strings.HasPrefix(name, thisModule) {
			return true
		}
	}
	return false
}

func (r report) writeCounts(w io.Writer) error {
	if len(r.Counts) == 0 {
		return nil
	}
	t := figures.NewTable(w)
	fmt.Fprintln(t, "subject (per)\tagainst\tasyncio\tof the library\tbase\tratio")
	for _, c := range r.Counts {
		fmt.Fprintf(t, "%s (%s)\t%s\t%.0f\t%.0f\t%.0f\t%.2f\n", c.Subject, c.Op, c.Base, c.Ours, c.Library, c.Theirs, c.Ours/c.Theirs)
	}
	return t.Flush()
}
