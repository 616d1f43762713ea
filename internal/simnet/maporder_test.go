package simnet_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// ranges are the expressions that have the order of a map, or may have it as far as this
// test can see, in the packages of the network. Each has the reason why that makes no
// difference.
var ranges = map[string]string{
	"asynciotest: disk":                         "it copies a map",
	"asynciotest: engine.LoopOf(s.ctx).Tasks":   "it is the tree of the tasks",
	"asynciotest: h.network.loop().Tasks":       "it is the tree of the tasks",
	"asynciotest: parts":                        "it is a slice",
	"asynciotest: s.turns":                      "it is a slice",
	"conn: map[int]int{…}":                      "these are options of one socket, which does not care",
	"conn: parts":                               "it is a slice",
	"simnet: h.ends.All()":                      "an orderedset remembers who came first",
	"simnet: maps.Keys":                         "they are sorted",
	"simnet: slices.Clone(h.listeners)":         "it is a slice",
	"simnet: slices.Clone(h.sockets)":           "it is a slice",
	"simnet: slices.Sorted(maps.Keys(h.bound))": "they are sorted",
}

// The same seed must give the same run, so nothing may depend on the order of a map.
func TestNothingDependsOnTheOrderOfAMap(t *testing.T) {
	found := map[string]bool{}
	for _, dir := range []string{".", "../conn", "../../asynciotest"} {
		for _, where := range rangesOf(t, dir) {
			found[where] = true
			if ranges[where] == "" {
				t.Errorf("%s: it may have the order of a map: sort it, or say here why its order makes no difference", where)
			}
		}
	}
	for where := range ranges {
		if !found[where] {
			t.Errorf("%s: there is no such expression any more", where)
		}
	}
}

// rangesOf returns those expressions of the package in a directory.
func rangesOf(t *testing.T, dir string) (all []string) {
	t.Helper()
	paths := must(filepath.Glob(filepath.Join(dir, "*.go")))(t)
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if !strings.HasSuffix(path, "_test.go") {
			files = append(files, must(parser.ParseFile(set, path, nil, parser.SkipObjectResolution))(t))
		}
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}}
	config := types.Config{Importer: noPackages{}, Error: func(error) {}}
	_, _ = config.Check(dir, set, files, info) // of other packages it knows nothing
	for _, f := range files {
		for n := range ast.Preorder(f) {
			if e := mayHaveMapOrder(n, info); e != nil {
				all = append(all, f.Name.Name+": "+types.ExprString(e))
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// mayHaveMapOrder returns the expression of a node that may have the order of a map: what it
// ranges over, or a function of package maps. nil: it has none.
func mayHaveMapOrder(n ast.Node, info *types.Info) ast.Expr {
	switch n := n.(type) {
	case *ast.RangeStmt:
		if mayBeMap(info.TypeOf(n.X)) {
			return n.X
		}
	case *ast.SelectorExpr:
		if from, ok := n.X.(*ast.Ident); ok && from.Name == "maps" && n.Sel.Name != "Clone" {
			return n
		}
	}
	return nil
}

func mayBeMap(t types.Type) bool {
	if t == nil || t == types.Typ[types.Invalid] {
		return true
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// noPackages finds no package.
type noPackages struct{}

var errNoPackage = errors.New("no package")

func (noPackages) Import(string) (*types.Package, error) { return nil, errNoPackage }
