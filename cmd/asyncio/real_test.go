//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/internal/wire"
	"github.com/asyncio-go/asyncio/trace"
)

// open starts the shop, and returns it when it has opened. It ends with the test, or when
// its input is closed.
func open(t *testing.T, env string, args ...string) (shop *exec.Cmd, input io.Closer) {
	t.Helper()
	shop = exec.CommandContext(t.Context(), "shop", args...)
	shop.Env = append(os.Environ(), env)
	shop.Stderr = os.Stderr
	in, err := shop.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := shop.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); shop.Wait() })
	readUntil(t, bufio.NewReader(out), "open")
	return shop, in
}

// ask runs the command, and returns what it prints and its exit status.
func ask(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "asyncio", args...)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		if _, ok := errors.AsType[*exec.ExitError](err); !ok {
			t.Fatal(err)
		}
	}
	return out.String(), errs.String(), cmd.ProcessState.ExitCode()
}

// until asks again and again, until all the texts are in the answer.
func until(t *testing.T, texts []string, args ...string) {
	t.Helper()
	patience, cancel := context.WithTimeout(t.Context(), time.Minute) // decides only how long a failure takes
	defer cancel()
	for {
		stdout, stderr, status := ask(t, args...)
		missing := ""
		for _, text := range texts {
			if !strings.Contains(stdout, text) {
				missing = text
			}
		}
		switch {
		case status != 0:
			t.Fatalf("%v: status %d, %s", args, status, stderr)
		case missing == "":
			return
		case patience.Err() != nil:
			t.Fatalf("%v: without %q:\n%s", args, missing, stdout)
		}
	}
}

// The commands look at a program that runs, through its own console.
func TestARealProgram(t *testing.T) {
	dir := fakeconsole.Folder(t)
	t.Setenv("COLUMNS", "80")
	shop, input := open(t, "ASYNCIO_CONSOLE=1")
	pid := fmt.Sprint(shop.Process.Pid)
	until(t, []string{"shop " + pid, `lock "till"`, `lock "stock"`, `"parcels"`, "order 1", "packer"}, "ps", pid)
	until(t, []string{"└─ group\n", "├─ 2 order 1", "├─ 3 order 2"}, "tree", pid)
	until(t, []string{"↺ 2 order 1", "cycle"}, "tree", pid, "--awaits")
	until(t, []string{"Deadlock of 2 tasks", "shop_test.go:"}, "ps", pid)

	stdout, stderr, status := ask(t, "ps", pid, "--json")
	var s wire.Snapshot
	if err := json.Unmarshal([]byte(stdout), &s); status != 0 || err != nil || len(s.Tasks) < 4 {
		t.Errorf("as JSON: status %d, %s, %v, %.300s", status, stderr, err, stdout)
	}
	if _, stderr, status := ask(t, "cancel", pid, "packer"); status != 1 || !strings.Contains(stderr, "console.Actions()") {
		t.Errorf("cancel without actions: status %d, %s", status, stderr)
	}
	recording, stderr, status := ask(t, "trace", pid, "--json", "-o", "-")
	if _, err := trace.ReadJSON(strings.NewReader(recording)); status != 0 || err != nil || !strings.Contains(recording, "packer") {
		t.Errorf("its recording: status %d, %s, %v, %.300s", status, stderr, err, recording)
	}
	if recording, stderr, status := ask(t, "trace", pid, "-o", "-"); status != 0 || !strings.Contains(recording, "packer") {
		t.Errorf("its recording for Perfetto: status %d, %s, %q", status, stderr, recording)
	}
	input.Close()
	shop.Wait()
	if _, stderr, status := ask(t, "ps", pid); status != 3 {
		t.Errorf("after its end: status %d, %s", status, stderr)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("it leaves %v behind, %v", left, err)
	}
}

func TestCancelInARealProgram(t *testing.T) {
	fakeconsole.Folder(t)
	shop, _ := open(t, "ASYNCIO_CONSOLE=", "actions")
	pid := fmt.Sprint(shop.Process.Pid)
	until(t, []string{"is asked to end"}, "cancel", pid, "packer")
	until(t, []string{"packer   canceled"}, "ps", pid, "--all")
}

func TestARealProgramWithoutAConsole(t *testing.T) {
	fakeconsole.Folder(t)
	shop, _ := open(t, "ASYNCIO_CONSOLE=")
	if _, stderr, status := ask(t, "ps", fmt.Sprint(shop.Process.Pid)); status != 4 || !strings.Contains(stderr, "ASYNCIO_CONSOLE=1") {
		t.Errorf("status %d, %s", status, stderr)
	}
}

// One that was killed leaves its socket behind, and ps removes it.
func TestAKilledProgram(t *testing.T) {
	dir := fakeconsole.Folder(t)
	shop, _ := open(t, "ASYNCIO_CONSOLE=1")
	socket := filepath.Join(dir, fmt.Sprint(shop.Process.Pid, ".sock"))
	if _, err := os.Lstat(socket); err != nil {
		t.Fatal(err)
	}
	shop.Process.Kill()
	shop.Wait()
	if _, _, status := ask(t, "ps"); status != 0 {
		t.Errorf("status %d", status)
	}
	if _, err := os.Lstat(socket); err == nil {
		t.Error("its socket is still there")
	}
}
