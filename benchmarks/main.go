// Command benchmarks compares asyncio with goroutines, with other libraries
// and, where Python is there, with Python's asyncio and uvloop:
//
//	go run ./benchmarks
//
// It prints how many times as long our side takes as each base, and the
// targets that the project has set itself. Each file beside this one holds a
// subject: the same job written for each side, and what is not measured.
// These are regression tests of ratios on one machine, small loops that do
// nothing else. They do not say how fast a program will be.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
)

// name is what the program calls itself.
const name = "benchmarks"

func main() {
	if obeyed, err := obey(); obeyed {
		command.Exit(name, err)
	}
	command.Exit(name, compareAll(os.Args[1:], os.Stdout, os.Stderr))
}

// full and quick are what is measured by default and with --quick.
var (
	full  = settings{budget: 150 * time.Millisecond, cancels: 100_000, items: 1_000_000, crowd: 100_000, sleepers: 1_000_000, sleep: 15 * time.Second}
	quick = settings{untargeted: true, rounds: 1, budget: 0, cancels: 1000, items: 1000, crowd: 1000, sleepers: 1000, sleep: time.Second}
)

// options are what the command line says.
type options struct {
	settings
	only    string
	json    bool
	list    bool
	quick   bool
	counts  bool
	ops     int    // of each side, with counts, or to do nothing else
	side    string // the only one that does them
	python  string
	command string
}

func parse(args []string, stderr io.Writer) (options, error) {
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	f.SetOutput(stderr)
	o := options{settings: full}
	f.Func("rounds", "turns of each side (default nine, and three where a turn is long)", o.setRounds)
	f.StringVar(&o.only, "only", "", "measure only the subjects whose names match this regular expression")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.list, "list", false, "print the names of the subjects and measure nothing")
	f.StringVar(&o.python, "python", "python3", "the Python to compare with; empty: none")
	f.BoolVar(&o.quick, "quick", false, "one short round: shows that everything works, and no figures worth quoting")
	f.BoolVar(&o.counts, "counts", false, "count instructions with valgrind instead of measuring time")
	f.IntVar(&o.ops, "ops", 0, "do so many operations of each side and measure nothing; with --counts: count so many")
	f.StringVar(&o.side, "side", "", "with --ops: only the side of that name does them, such as asyncio")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, command.ErrUsage
	}
	if f.NArg() > 0 || o.ops < 0 {
		fmt.Fprintln(stderr, "benchmarks takes flags only, and no negative numbers")
		f.Usage()
		return o, command.ErrUsage
	}
	switch {
	case o.quick:
		o.settings = quick
	case o.counts || o.ops > 0:
		o.settings = counted
	}
	o.command = "go run ./benchmarks"
	f.Visit(func(set *flag.Flag) {
		if set.Name != "python" { // a path of this machine
			o.command += fmt.Sprintf(" --%s=%q", set.Name, set.Value)
		}
	})
	return o, nil
}

// setRounds reads the value of --rounds.
func (o *options) setRounds(value string) (err error) {
	if o.rounds, err = strconv.Atoi(value); err == nil && o.rounds < 1 {
		err = errors.New("there must be one at least")
	}
	return err
}

// onlyGo reports whether Python has no part in what is asked for.
func (o options) onlyGo() bool { return o.python == "" || o.list || o.counts || o.ops > 0 }

// choose returns the subjects that the options ask for.
func (o options) choose(all []subject, stderr io.Writer) ([]subject, error) {
	wanted, err := regexp.Compile(o.only)
	if err != nil {
		fmt.Fprintln(stderr, "--only:", err)
		return nil, command.ErrUsage
	}
	chosen := slices.DeleteFunc(all, func(s subject) bool { return !wanted.MatchString(s.name) })
	if len(chosen) == 0 {
		fmt.Fprintf(stderr, "no subject's name matches %q; --list prints them\n", o.only)
		return nil, command.ErrUsage
	}
	return chosen, nil
}

// compareAll is the program.
func compareAll(args []string, stdout, stderr io.Writer) error {
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	r := report{Command: o.command, Machine: figures.Machine()}
	if o.untargeted {
		r.Notes = append(r.Notes, "a quick run shows that everything works; its figures mean nothing")
	}
	var interpreters []python.Interpreter
	if !o.onlyGo() {
		var notes []string
		interpreters, notes = python.Find(o.python)
		r.Notes = append(r.Notes, notes...)
	}
	all := subjects(o.settings, interpreters)
	if o.ops > 0 && !o.counts {
		all = append(all, budgetSubjects()...)
	}
	chosen, err := o.choose(all, stderr)
	if err != nil {
		return err
	}
	var failed error
	switch {
	case o.list:
		return list(stdout, chosen)
	case o.counts:
		failed = r.count(chosen, o, stderr)
	case o.ops > 0:
		return perform(chosen, o.side, o.ops)
	default:
		failed = r.measure(chosen, o.settings, stderr)
	}
	if o.json {
		err = command.WriteJSON(stdout, r)
	} else {
		err = r.writeText(stdout)
	}
	return errors.Join(failed, err)
}

// measure adds the results of the subjects. One that fails does not stop the
// others.
func (r *report) measure(chosen []subject, set settings, progress io.Writer) error {
	var failed []error
	for i, s := range chosen {
		fmt.Fprintf(progress, "[%d/%d] %s\n", i+1, len(chosen), s.name)
		res, err := measureSubject(s, set)
		if err != nil {
			failed = append(failed, err)
			continue
		}
		r.Results = append(r.Results, res)
	}
	return errors.Join(failed...)
}

func list(w io.Writer, all []subject) error {
	for _, s := range all {
		if _, err := fmt.Fprintln(w, s.name); err != nil {
			return err
		}
	}
	return nil
}
