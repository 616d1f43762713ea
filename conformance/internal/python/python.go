// Package python finds the Python of this machine, for tests that compare with
// what CPython prints.
package python

import (
	"context"
	"encoding/json"
	"os/exec"
	"testing"
	"time"
)

// AtLeast returns a python3 of at least version 3.minor, or skips the test.
func AtLeast(t *testing.T, minor int) (python string) {
	t.Helper()
	python, version := find(t)
	if len(version) < 2 || version[0] < 3 || version[0] == 3 && version[1] < minor {
		t.Skipf("python3 is version %v; the outputs are those of 3.%d", version, minor)
	}
	return python
}

// Exactly returns a python3 of version 3.minor, or skips the test.
func Exactly(t *testing.T, minor int) (python string) {
	t.Helper()
	python, version := find(t)
	if len(version) < 2 || version[0] != 3 || version[1] != minor {
		t.Skipf("python3 is version %v; the outputs are those of 3.%d alone", version, minor)
	}
	return python
}

// find returns the python3 of this machine, and its version.
func find(t *testing.T) (python string, version []int) {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3 on this machine")
	}
	out, err := exec.Command(python, "-c", "import sys; print(list(sys.version_info[:3]))").Output()
	if err == nil {
		err = json.Unmarshal(out, &version)
	}
	if err != nil {
		t.Skipf("python3 does not tell its version: %v", err)
	}
	return python, version
}

// Output returns what a program prints that runs in a folder. The test fails if
// the program does.
func Output(t *testing.T, dir, python string, args ...string) []byte {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, args...)
	cmd.Dir, cmd.Stderr = dir, t.Output()
	out, err := cmd.Output()
	if err != nil {
		t.Errorf("%v: %v", cmd, err)
	}
	return out
}
