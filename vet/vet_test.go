package vet

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/packages"
)

// fetchCorpus gets the modules that the corpus imports, in the versions that it asks for:
// package analysistest has them looked for on this machine alone.
func fetchCorpus(t *testing.T) {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "./...")
	cmd.Dir, cmd.Env = analysistest.TestData(), append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the modules of the corpus: %v\n%s", err, out)
	}
}

// TestRules runs all rules over the corpus, in which each package has the mistakes of one
// rule, with what is to be reported, and what looks like them and is to stay silent. To load
// the library and what it imports takes most of the time, so it is done once.
func TestRules(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it compiles the library from its source")
	}
	fetchCorpus(t)
	if err := busyWait.analyzer.Flags.Set("enable", "true"); err != nil {
		t.Fatal(err)
	}
	defer busyWait.analyzer.Flags.Set("enable", "false")
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), together(), "./...")
}

// TestFlags runs the rules with the flags that make them report more, also over the code in
// the texts of the rules.
func TestFlags(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it compiles the library from its source")
	}
	fetchCorpus(t)
	for flag, r := range map[string]*rule{"statements": lostError, "files": blocks, "enable": busyWait} {
		if err := r.analyzer.Flags.Set(flag, "true"); err != nil {
			t.Fatal(err)
		}
		defer r.analyzer.Flags.Set(flag, "false")
	}
	patterns := []string{"./_flags/losterror", "./_flags/blocks"}
	for _, r := range Rules() { // the code in their texts
		patterns = append(patterns, "./_explained/"+strings.ReplaceAll(r.Name, "-", ""))
	}
	analysistest.Run(t, analysistest.TestData(), together(), patterns...)
}

// together returns an analyzer that reports what all others do.
func together() *analysis.Analyzer {
	all := &analysis.Analyzer{Name: "all", Doc: "all rules", Requires: []*analysis.Analyzer{programs}}
	all.Run = func(pass *analysis.Pass) (any, error) {
		results := map[*analysis.Analyzer]any{programs: pass.ResultOf[programs]}
		for _, a := range Analyzers() {
			one := *pass
			one.Analyzer, one.ResultOf = a, results
			for _, need := range a.Requires {
				if results[need] == nil {
					results[need] = pass.ResultOf[need]
				}
			}
			result, err := a.Run(&one)
			if err != nil {
				return nil, err
			}
			results[a] = result
		}
		return nil, nil
	}
	for _, a := range Analyzers() {
		for _, need := range a.Requires {
			if !isRule(need) {
				all.Requires = append(all.Requires, need)
			}
		}
	}
	return all
}

func isRule(a *analysis.Analyzer) bool {
	for _, r := range rules {
		if r.analyzer == a {
			return true
		}
	}
	return false
}

// TestSameFacts looks several times at a package whose functions call each other in circles:
// what is found must not depend on the order of a map.
func TestSameFacts(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped with -short: it compiles the library from its source")
	}
	pkgs, err := packages.Load(&packages.Config{Mode: packages.LoadAllSyntax, Dir: analysistest.TestData(), Env: append(os.Environ(), "GOWORK=off")}, "./facts")
	if err != nil || packages.PrintErrors(pkgs) > 0 {
		t.Fatal(err)
	}
	first := ""
	for i := range 20 {
		found := findings(t, pkgs)
		if first = cmp.Or(first, found); found != first || first == "" {
			t.Fatalf("run %d found\n%s\nthe first one found\n%s", i, found, first)
		}
	}
}

// findings returns what is found of functions that block, and the facts about all functions.
func findings(t *testing.T, pkgs []*packages.Package) string {
	graph, err := checker.Analyze([]*analysis.Analyzer{blocks.analyzer, programs}, pkgs, nil)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := graph.PrintText(&out, -1); err != nil {
		t.Fatal(err)
	}
	for _, root := range graph.Roots {
		var facts []string
		for _, f := range root.AllObjectFacts() {
			facts = append(facts, f.Object.String()+": "+f.Fact.(fmt.Stringer).String()+"\n")
		}
		slices.Sort(facts)
		out.WriteString(strings.Join(facts, ""))
	}
	return out.String()
}
