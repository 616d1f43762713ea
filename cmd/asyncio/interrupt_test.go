//go:build unix

package main

import (
	"bufio"
	"bytes"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Ctrl-C ends the lesson, shows what is known of it, and ends the tour.
func TestInterrupt(t *testing.T) {
	// Each takes five minutes at this speed, if nobody stops it.
	cmd := exec.CommandContext(t.Context(), "asyncio", "tour", "gather", "shield", "--speed", "0.01")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(stdout)
	readUntil(t, lines, "B starts")
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, err := io.ReadAll(lines)
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait() // its error is the exit status
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit status %d, want 130", code)
	}
	if !strings.Contains(string(rest), "canceled") || strings.Contains(string(rest), "shield") {
		t.Errorf("after the interrupt it showed\n%s\nwant the timeline with canceled tasks, and no other lesson", rest)
	}
	if stderr.String() != "interrupted\n" {
		t.Errorf("on standard error: %q", stderr.String())
	}
}

func readUntil(t *testing.T, r *bufio.Reader, text string) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			t.Fatalf("no line with %q: %v", text, err)
		}
		if strings.Contains(line, text) {
			return
		}
	}
}
