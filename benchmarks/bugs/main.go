// Command bugs counts how many bugs a second are found by asynciotest.Explore
// in examples/bugs, and by plain go test -race -count in the same programs with
// goroutines:
//
//	go run ./benchmarks/bugs            # from the root of the repository
//	go run ./benchmarks/bugs -for 30s   # how long each side has for each bug
//
// The tests of both run again and again, in turns of a quarter of that time,
// until it is used up; a test that fails is a bug found. A run of the program
// with goroutines that ends in a deadlock takes the second of patience after
// which the test calls it one.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"text/tabwriter"
	"time"
)

const turns = 4

// A side is a way to look for the bugs.
type side struct {
	pkg   string
	build []string // flags
}

var (
	explored = side{pkg: "./examples/bugs"}
	plain    = side{pkg: "./examples/bugs/goroutines", build: []string{"-race"}}
)

var bugs = []struct{ name, test string }{
	{"lost update", "TestLostUpdate"},
	{"lock order", "TestLockOrder"},
	{"check then act", "TestCheckThenAct"},
}

func main() {
	budget := flag.Duration("for", 10*time.Second, "how long each side has for each bug")
	flag.Parse()
	if err := compare(os.Stdout, *budget); err != nil {
		fmt.Fprintln(os.Stderr, "bugs:", err)
		os.Exit(1)
	}
}

func compare(w io.Writer, budget time.Duration) error {
	dir, err := os.MkdirTemp("", "bugs")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	ours, err := explored.compile(filepath.Join(dir, "explored.test"))
	if err != nil {
		return err
	}
	theirs, err := plain.compile(filepath.Join(dir, "plain.test"))
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 1, ' ', 0)
	fmt.Fprintln(table, "| bug \t| Explore: found a second \t| orders until found \t| go test -race -count: found a second \t| runs a second \t| runs until found \t|")
	fmt.Fprintln(table, "|---\t|---:\t|---:\t|---:\t|---:\t|---:\t|")
	for _, bug := range bugs {
		var a, b count
		for range turns {
			if err := a.add(ours, bug.test, budget/turns); err != nil {
				return err
			}
			if err := b.add(theirs, bug.test, budget/turns); err != nil {
				return err
			}
		}
		fmt.Fprintf(table, "| %s \t| %.0f \t| %.1f \t| %.2f \t| %.0f \t| %s \t|\n", bug.name,
			a.perSecond(a.found), float64(a.orders)/float64(max(a.found, 1)),
			b.perSecond(b.found), b.perSecond(b.runs), b.untilFound())
	}
	return table.Flush()
}

// compile builds the tests of a side into a program.
func (s side) compile(program string) (string, error) {
	args := append([]string{"test", "-c", "-o", program}, s.build...)
	out, err := exec.Command("go", append(args, s.pkg)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", s.pkg, err, out)
	}
	return program, nil
}

// A count is what was seen of one bug on one side.
type count struct {
	runs, found, orders int
	took                time.Duration
}

func (c *count) perSecond(n int) float64 { return float64(n) / c.took.Seconds() }

func (c *count) untilFound() string {
	if c.found == 0 {
		return fmt.Sprintf("not in %d", c.runs)
	}
	return fmt.Sprintf("%.0f", float64(c.runs)/float64(c.found))
}

// add runs a test again and again until the time is over.
func (c *count) add(program, test string, budget time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), budget)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-test.run=^"+test+"$", "-test.v", "-test.count=1000000000")
	cmd.Env = append(os.Environ(), "BUGS=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return err
	}
	before := c.runs
	c.read(out)
	c.took += time.Since(start)
	_ = cmd.Wait() // it was killed
	if c.runs == before {
		return fmt.Errorf("%s does not run in %s", test, filepath.Base(program))
	}
	return nil
}
