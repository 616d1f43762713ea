package main

// The same jobs as asyncio programs: python/bench.py, run as a process for
// each turn, on asyncio's own loop and on uvloop where it can be imported. The
// script measures itself, so that the start of the interpreter is not in the
// figures. What this is not: a comparison of languages; a Python program does
// most of its work elsewhere than in the loop.

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strconv"
	"strings"
)

//go:embed python/bench.py
var pythonScript string

// interpreter is a Python with one of its event loops.
type interpreter struct {
	path    string
	loop    string // "asyncio" or "uvloop"
	version string
}

func (p interpreter) String() string { return p.loop + " " + p.version }

// findInterpreters returns what the Python of that name offers.
func findInterpreters(name string) ([]interpreter, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return nil, errors.New("there is no " + name)
	}
	out, err := runPython(path, "versions")
	if err != nil {
		return nil, err
	}
	var found struct{ Python, Uvloop string }
	if err := json.Unmarshal(out, &found); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	all := []interpreter{{path, "asyncio", "(CPython " + found.Python + ")"}}
	if found.Uvloop != "" {
		all = append(all, interpreter{path, "uvloop", found.Uvloop})
	}
	return all, nil
}

// contender returns p as one who does the job of a function of the script.
func (p interpreter) contender(function string) contender {
	return contender{name: p.String(), outside: func(s settings) (sample, error) {
		budget := strconv.FormatFloat(s.budget.Seconds(), 'f', -1, 64)
		out, err := runPython(p.path, p.loop, function, budget)
		if err != nil {
			return sample{}, err
		}
		var got struct{ Ops, Wall, CPU float64 }
		if err := json.Unmarshal(out, &got); err != nil {
			return sample{}, err
		}
		result := newSample()
		result[wall] = got.Wall / got.Ops * 1e9
		result[cpu] = got.CPU / got.Ops * 1e9
		return result, nil
	}}
}

// runPython runs the script and returns what it printed.
func runPython(path string, args ...string) ([]byte, error) {
	out, err := exec.Command(path, append([]string{"-c", pythonScript}, args...)...).Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		lines := strings.Split(strings.TrimSpace(string(failed.Stderr)), "\n")
		return nil, fmt.Errorf("python: %s", lines[len(lines)-1])
	}
	return out, err
}
