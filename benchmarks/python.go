package main

// The same jobs as asyncio programs: python/bench.py, run as a process for
// each turn, on asyncio's own loop and on uvloop where it can be imported. The
// script measures itself, so that the start of the interpreter is not in the
// figures. This is not a comparison of languages: a Python program does most of its work
// outside of the loop.

import (
	_ "embed"
	"encoding/json"
	"strconv"

	"github.com/asyncio-go/asyncio/benchmarks/internal/python"
)

//go:embed python/bench.py
var pythonScript string

// pythonContender returns p as a contender that runs a function of the script.
func pythonContender(p python.Interpreter, function string) contender {
	return contender{name: p.String(), outside: func(s settings) (sample, error) {
		budget := strconv.FormatFloat(s.budget.Seconds(), 'f', -1, 64)
		out, err := python.Run(p.Path, pythonScript, p.Loop, function, budget)
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
