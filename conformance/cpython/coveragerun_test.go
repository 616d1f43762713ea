package cpython

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// runTests runs these tests and returns those that passed, with all their
// subtests. What go test knows to have passed before it does not run again.
func runTests(t *testing.T, tests []goTest) map[goTest]bool {
	t.Helper()
	goCommand, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go command to run the tests with")
	}
	dirs := packages(tests)
	for _, dir := range dirs {
		if _, err := os.ReadDir(dir); err != nil { // lets go test know that this test depends on them
			t.Fatal(err)
		}
	}
	cmd := exec.Command(goCommand, append([]string{"test", "-vet=off", "-json", "-run=" + pattern(tests)}, dirs...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	passed := readPassed(t, bytes.NewReader(out))
	if err != nil {
		t.Errorf("%v: %v\n%s", cmd, err, stderr.Bytes())
	}
	return passed
}

// pattern matches the tests that the names belong to: there is no room for all
// subtests on a command line.
func pattern(tests []goTest) string {
	names := map[string]bool{}
	for _, test := range tests {
		name, _, _ := strings.Cut(test.name, "/")
		names[name] = true
	}
	return "^(" + strings.Join(slices.Sorted(maps.Keys(names)), "|") + ")$"
}

// root is the folder of the library.
const root = "../.."

func packages(tests []goTest) []string {
	dirs := map[string]bool{root: true, ".": true}
	for _, test := range tests {
		dirs[path.Join(root, test.pkg)] = true
	}
	return slices.Sorted(maps.Keys(dirs))
}

// readPassed reads what go test -json prints.
func readPassed(t *testing.T, r io.Reader) map[goTest]bool {
	t.Helper()
	passed, failed := map[goTest]bool{}, []string{}
	for d := json.NewDecoder(r); ; {
		var event struct{ Action, Package, Test string }
		if err := d.Decode(&event); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		switch event.Action {
		case "pass":
			passed[goTest{path.Base(event.Package), event.Test}] = true
			passed[goTest{"", event.Test}] = true
		case "fail":
			failed = append(failed, event.Package+" "+event.Test)
		}
	}
	if len(failed) > 0 {
		t.Errorf("these fail: %s", strings.Join(failed, ", "))
	}
	return passed
}
