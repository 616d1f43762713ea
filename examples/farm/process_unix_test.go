//go:build unix

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
)

// TestNothingIsLeft ends the farm in the middle of its work.
func TestNothingIsLeft(t *testing.T) {
	for name, end := range map[string]struct {
		signal os.Signal
		status int
		files  bool // may stay
	}{
		"Ctrl-C": {syscall.SIGINT, 130, false},
		"killed": {syscall.SIGKILL, -1, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			cmd := command(t, "farm", "-work", "1h")
			cmd.Env = append(os.Environ(), "TMPDIR="+dir)
			var stderr bytes.Buffer
			cmd.Stderr = &stderr // which the workers share: Wait returns when the last of them has closed it
			out, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			begun := 0
			for lines := bufio.NewScanner(out); begun < 2 && lines.Scan(); {
				if strings.Contains(lines.Text(), "begins, process") {
					begun++
				}
			}
			if err := cmd.Process.Signal(end.signal); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait() // the status says it
			if got := cmd.ProcessState.ExitCode(); got != end.status || begun != 2 || stderr.Len() > 0 {
				t.Errorf("%d workers, exit status %d, standard error %q; want 2, %d and nothing", begun, got, &stderr, end.status)
			}
			if left, err := os.ReadDir(dir); err != nil || len(left) > 0 && !end.files {
				t.Errorf("left in %s: %v, %v", dir, left, err)
			}
		})
	}
}

// command returns this binary as a process of its own, which hears Ctrl-C also where the
// test was started with that ignored.
func command(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	t.Cleanup(func() { signal.Stop(interrupts) })
	return exec.CommandContext(t.Context(), os.Args[0], args...)
}
