package asyncio_test

import (
	"os"
	"os/exec"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

const modulePath = "github.com/asyncio-go/asyncio"

// The table in ARCHITECTURE.md says which packages a package may import. It is
// a policy: change it because the house changes, not to make this test pass.
func TestPackagesImportWhatArchitectureAllows(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	house := readHouse(t)
	list := exec.CommandContext(t.Context(), "go", "list", "-f", `{{.ImportPath}} {{join .Imports " "}}`, "./...")
	out, err := list.Output()
	if err != nil {
		t.Skip("no go command: ", err)
	}
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), " ")
		room, known := house.of(pkg)
		if !known {
			t.Errorf("ARCHITECTURE.md does not know %s", pkg)
			continue
		}
		for i := range strings.FieldsSeq(imports) {
			if !house.allows(room, i) {
				t.Errorf("%s imports %s, and ARCHITECTURE.md allows %q", pkg, i, house[room])
			}
		}
	}
}

// A house is the paths of the packages that each package may import.
type house map[string][]string

var row = regexp.MustCompile("(?m)^\\| `([^`]+)` \\|.*\\| ([^|]+) \\|$")

func readHouse(t *testing.T) house {
	t.Helper()
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	paths := map[string]string{"root": modulePath, "goid": "github.com/petermattis/goid", "x/sys": "golang.org/x/sys"}
	rows := row.FindAllStringSubmatch(string(text), -1)
	for _, r := range rows {
		paths[path.Base(r[1])] = path.Join(modulePath, r[1])
	}
	h := house{}
	for _, r := range rows {
		room := path.Join(modulePath, r[1])
		h[room] = []string{}
		for name := range strings.SplitSeq(r[2], ", ") {
			if p, ok := paths[name]; ok {
				h[room] = append(h[room], p)
			}
		}
	}
	return h
}

// of returns the room of the house that a package is in.
func (h house) of(pkg string) (room string, known bool) {
	for room = pkg; room != modulePath; room = path.Dir(room) {
		if _, known := h[room]; known {
			return room, true
		}
	}
	return room, pkg == modulePath
}

// allows reports whether what is in a room may import a package: one of the
// standard library, one of the room itself, or what the table says.
func (h house) allows(room, pkg string) bool {
	if first, _, _ := strings.Cut(pkg, "/"); !strings.Contains(first, ".") || pkg != room && strings.HasPrefix(pkg, room+"/") && room != modulePath {
		return true
	}
	return slices.ContainsFunc(h[room], func(allowed string) bool {
		return pkg == allowed || allowed != modulePath && strings.HasPrefix(pkg, allowed+"/")
	})
}
