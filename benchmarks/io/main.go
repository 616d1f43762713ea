//go:build linux

package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"regexp"
	"time"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
	"github.com/asyncio-go/asyncio/benchmarks/internal/figures"
	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/control"
)

// name is what the program calls itself.
const name = "benchmarks/io"

func main() {
	if obeyed, err := obey(); obeyed {
		command.Exit(name, err)
	}
	command.Exit(name, compareAll(os.Args[1:], os.Stdout, os.Stderr))
}

// settings say how much is measured.
type settings struct {
	rounds int
	turn   time.Duration
	conns  []int
	sizes  []int
	idle   int // connections that do nothing

	untargeted bool // too little is measured to say whether a target is reached
}

var (
	full  = settings{rounds: 5, turn: 500 * time.Millisecond, conns: []int{1, 100, 1000}, sizes: []int{64, 1 << 10, 64 << 10}, idle: 10_000}
	quick = settings{untargeted: true, rounds: 1, turn: 10 * time.Millisecond, conns: []int{1, 20}, sizes: []int{64, 64 << 10}, idle: 100}
)

// options are what the command line says.
type options struct {
	settings
	only, sides *regexp.Regexp
	json, list  bool
	python      string
	command     string
}

func parse(args []string, stderr io.Writer) (options, error) {
	f := flag.NewFlagSet("io", flag.ContinueOnError)
	f.SetOutput(stderr)
	o := options{settings: full}
	rounds := f.Int("rounds", full.rounds, "turns of each side")
	turn := f.Duration("turn", full.turn, "length of a turn")
	only := f.String("only", "", "measure only the cases whose names match this regular expression")
	sides := f.String("sides", "", "measure only the sides whose names match this regular expression")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.BoolVar(&o.list, "list", false, "print the names of the cases and of the sides, and measure nothing")
	f.StringVar(&o.python, "python", "python3", "the Python to compare with; empty: none")
	fast := f.Bool("quick", false, "one short round: shows that everything works, and no figures worth quoting")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return o, err
		}
		return o, command.ErrUsage
	}
	var wrong [2]error
	o.only, wrong[0] = regexp.Compile(*only)
	o.sides, wrong[1] = regexp.Compile(*sides)
	err := errors.Join(wrong[:]...)
	if err == nil && (f.NArg() > 0 || *rounds < 1) {
		err = errors.New("takes flags only, and at least one round")
	}
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", name, err)
		f.Usage()
		return o, command.ErrUsage
	}
	o.rounds, o.turn = *rounds, *turn
	if *fast {
		o.settings = quick
	}
	o.command = "go run ./benchmarks/io"
	f.Visit(func(set *flag.Flag) {
		if set.Name != "python" { // a path of this machine
			o.command += fmt.Sprintf(" --%s=%q", set.Name, set.Value)
		}
	})
	return o, nil
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
	if o.python != "" {
		var notes []string
		interpreters, notes = python.Find(o.python)
		r.Notes = append(r.Notes, notes...)
	}
	work, err := o.choose(interpreters)
	if err != nil {
		fmt.Fprintln(stderr, err)
		return command.ErrUsage
	}
	if o.list {
		return work.list(stdout)
	}
	if err := r.measure(work, stderr); err != nil {
		return err
	}
	if o.json {
		return command.WriteJSON(stdout, r)
	}
	return r.writeText(stdout)
}

// measure adds the results.
func (r *report) measure(w work, progress io.Writer) error {
	p, err := prepare(w.settings)
	if err != nil {
		return err
	}
	defer os.RemoveAll(p.dir)
	if p.server == p.load {
		r.Notes = append(r.Notes, "there is one core only, which server and load share")
	}
	for i, c := range w.cases {
		fmt.Fprintf(progress, "[%d/%d] %v\n", i+1, len(w.cases), c)
		res, err := p.measureCase(c, w.sides)
		if err != nil {
			return fmt.Errorf("%v: %w", c, err)
		}
		r.Results = append(r.Results, res)
	}
	if w.idle > 0 {
		fmt.Fprintln(progress, idleName)
		if r.Idle, err = p.measureIdle(w.sides); err != nil {
			return fmt.Errorf("%s: %w", idleName, err)
		}
	}
	return nil
}

// place is where processes run, and what they share.
type place struct {
	settings
	server, load int // cores
	self         string
	dir          string
	cert, key    string
}

func prepare(s settings) (place, error) {
	p := place{settings: s}
	var err error
	if p.server, p.load, err = control.Cores(); err != nil {
		return p, err
	}
	if p.self, err = os.Executable(); err != nil {
		return p, err
	}
	if p.dir, err = os.MkdirTemp("", "asyncio-io-"); err != nil {
		return p, err
	}
	p.cert, p.key, err = certificate(p.dir)
	return p, err
}
