// Package vettool makes a program the tool of go vet -vettool.
package vettool

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/unitchecker"
)

// Asked reports whether go vet has started this program as its tool, from the arguments of
// its command line: go vet asks which program it is and which flags it has, and then calls
// it once for each package.
func Asked(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags"):
		return true
	}
	return filepath.Base(args[len(args)-1]) == "vet.cfg"
}

// Main does what go vet asks for, and ends the program.
func Main(analyzers ...*analysis.Analyzer) {
	if last := os.Args[len(os.Args)-1]; strings.HasSuffix(last, ".cfg") && forFactsOnly(last) {
		analyzers = factsOnly(analyzers)
	}
	unitchecker.Main(analyzers...)
}

// forFactsOnly reports whether nobody will see what is found in the package of a file of
// the go command: others import it, and want its facts.
func forFactsOnly(config string) bool {
	var c struct{ VetxOnly bool }
	text, err := os.ReadFile(config)
	return err == nil && json.Unmarshal(text, &c) == nil && c.VetxOnly // an error is unitchecker's to report
}

// factsOnly returns analyzers with the same names and flags that only find out facts.
// Package unitchecker leaves out, for a package that is imported, those that neither find
// out facts nor need them. All of ours need some: so they would all run on every package of
// the standard library, and have it compiled to SSA.
func factsOnly(analyzers []*analysis.Analyzer) (all []*analysis.Analyzer) {
	for _, a := range analyzers {
		if len(a.FactTypes) == 0 {
			a = &analysis.Analyzer{
				Name: a.Name, Doc: a.Doc, URL: a.URL, Flags: a.Flags, Requires: withFacts(a, nil),
				Run: func(*analysis.Pass) (any, error) { return nil, nil },
			}
		}
		all = append(all, a)
	}
	return all
}

// withFacts adds those that find out facts, of all that an analyzer needs.
func withFacts(a *analysis.Analyzer, all []*analysis.Analyzer) []*analysis.Analyzer {
	for _, need := range a.Requires {
		if len(need.FactTypes) > 0 {
			all = append(all, need)
		} else {
			all = withFacts(need, all)
		}
	}
	return all
}
