//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

// TestMain lets the test binary be a server and a generator.
func TestMain(m *testing.M) {
	if obeyed, err := obey(); obeyed {
		command.Exit(name, err)
	}
	os.Exit(m.Run())
}

// TestQuick has every side answer in every case; the generator checks the
// replies. It looks at no figure but the numbers of requests.
func TestQuick(t *testing.T) {
	var out, progress bytes.Buffer
	if err := compareAll([]string{"--quick", "--json"}, &out, &progress); err != nil {
		t.Fatalf("%v\n%s", err, progress.String())
	}
	var r report
	if err := json.Unmarshal(out.Bytes(), &r); err != nil {
		t.Fatal(err)
	}
	if want := len(quick.conns) * len(quick.sizes) * 2; len(r.Results) != want {
		t.Errorf("there are %d cases, want %d", len(r.Results), want)
	}
	for _, res := range r.Results {
		if len(res.Ratios) == 0 {
			t.Errorf("%v: ours was compared with nothing", res.Case)
		}
		for _, s := range sides(nil) {
			i := slices.IndexFunc(res.Sides, func(got sideResult) bool { return got.Side == s.name })
			switch {
			case i < 0 && !(res.Case.TLS && s.noTLS):
				t.Errorf("%v: %s is not there", res.Case, s.name)
			case i >= 0 && res.Sides[i].Figures[rate.String()] <= 0:
				t.Errorf("%v: %s answered no requests", res.Case, s.name)
			}
		}
	}
	if len(r.Idle) < len(sides(nil)) {
		t.Errorf("only %d sides held idle connections", len(r.Idle))
	}
}

func TestTextHasEverySide(t *testing.T) {
	var out bytes.Buffer
	if err := compareAll([]string{"--quick", "--only=plain, 64 B, 1 conns", "--python="}, &out, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, s := range sides(nil) {
		if !bytes.Contains(out.Bytes(), []byte("plain, 64 B, 1 conns  "+s.name)) {
			t.Errorf("there is no line for %s:\n%s", s.name, &out)
		}
	}
	if bytes.Contains(out.Bytes(), []byte("NO")) {
		t.Errorf("a quick run has a verdict:\n%s", &out)
	}
}

func TestUsage(t *testing.T) {
	for _, args := range [][]string{{"--only=nonsense"}, {"--only=("}, {"--sides=nobody"}, {"--rounds=0"}, {"stray"}, {"--unknown"}} {
		var said bytes.Buffer
		if err := compareAll(args, io.Discard, &said); !errors.Is(err, command.ErrUsage) {
			t.Errorf("%q: got error %v, want ErrUsage", args, err)
		}
		if said.Len() == 0 || strings.Contains(said.String(), "nil") {
			t.Errorf("%q: it said %q", args, said.String())
		}
	}
}

func TestEvaluate(t *testing.T) {
	turn := func(perSecond, used float64) sample {
		return sample{rate: perSecond, cpu: used, user: used / 4, requests: perSecond}
	}
	var res result
	res.evaluate([]side{
		{name: "ours", against: []string{"net"}},
		{name: "net", targets: []target{{rate, 1, true}, {cpu, 0.7, false}}},
	}, [][]sample{
		{turn(256, 8), turn(128, 16)},
		{turn(128, 16), turn(128, 16)},
		{turn(128, 16), turn(256, 16)},
	})
	want := []ratio{
		{Side: "ours", Against: "net", Metric: "req/s", Ratio: 1, Q1: 0.75, Q3: 1.5, Target: "req/s >= 1", Reached: true},
		{Side: "ours", Against: "net", Metric: "CPU", Ratio: 0.75, Q1: 0.75, Q3: 1, Target: "CPU <= 0.7"},
		{Side: "ours", Against: "net", Metric: "user", Ratio: 0.75, Q1: 0.75, Q3: 1},
	}
	if !slices.Equal(res.Ratios, want) {
		t.Errorf("got %+v, want %+v", res.Ratios, want)
	}
	if got := verdict(res.Ratios); got != "NO: CPU <= 0.7" {
		t.Errorf("the verdict is %q", got)
	}
	if got := res.Sides[0].Figures["CPU"]; got != 12 {
		t.Errorf("our CPU is %v, want the mean over all requests, 12", got)
	}
}

// TestReadmeHasEverySide keeps the table from falling behind.
func TestReadmeHasEverySide(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	w, err := options{settings: full, only: regexp.MustCompile(""), sides: regexp.MustCompile("")}.choose(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range w.cases {
		for _, s := range w.sides {
			if c.TLS && s.noTLS {
				continue
			}
			if line := regexp.MustCompile("(?m)^" + c.String() + " +" + s.name + " "); !line.Match(text) {
				t.Errorf("the table in README.md has no line for %q, %q", c, s.name)
			}
		}
	}
}
