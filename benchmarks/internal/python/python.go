// Package python finds the event loops of Python to compare with.
package python

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// An Interpreter is a Python with one of its event loops.
type Interpreter struct {
	Path    string
	Loop    string // "asyncio" or "uvloop"
	Version string
}

func (p Interpreter) String() string { return p.Loop + " " + p.Version }

//go:embed versions.py
var versions string

// Find returns what the Python of that name offers: asyncio first, then
// uvloop if it can be imported. What is missing is said in the notes.
func Find(name string) (all []Interpreter, notes []string) {
	const missing = "no comparison with Python: "
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, []string{missing + "there is no " + name}
	}
	out, err := Run(path, versions)
	if err != nil {
		return nil, []string{missing + err.Error()}
	}
	var found struct{ Python, Uvloop string }
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, []string{missing + err.Error()}
	}
	all = []Interpreter{{path, "asyncio", "(CPython " + found.Python + ")"}}
	if found.Uvloop == "" {
		return all, []string{"no comparison with uvloop: this Python cannot import it"}
	}
	return append(all, Interpreter{path, "uvloop", found.Uvloop}), nil
}

// Run runs a script and returns what it printed.
func Run(path, script string, args ...string) ([]byte, error) {
	out, err := exec.Command(path, append([]string{"-c", script}, args...)...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
		return nil, fmt.Errorf("python: %s", lines[len(lines)-1])
	}
	return out, err
}
