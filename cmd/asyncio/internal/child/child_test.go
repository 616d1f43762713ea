package child_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/child"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// The test binary is the program, too.
func TestMain(m *testing.M) {
	if what := os.Getenv("ASYNCIO_CHILD"); what != "" {
		os.Exit(behave(what))
	}
	os.Exit(m.Run())
}

func behave(what string) int {
	switch what {
	case "greet":
		fmt.Println("out")
		fmt.Fprintln(os.Stderr, "err")
		return 3
	case "spin":
		for start := time.Now(); time.Since(start) < time.Hour; {
		}
	case "sleep":
		time.Sleep(time.Hour)
	case "print":
		for {
			fmt.Println(strings.Repeat("x", 1000))
		}
	case "print a bit too much":
		fmt.Print(strings.Repeat("x", 1001))
	case "leave": // a child of its own, which holds standard output
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "ASYNCIO_CHILD=sleep")
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Start(); err != nil {
			return 1
		}
		fmt.Println(cmd.Process.Pid)
	case "leave the group": // likewise, in a session of its own
		cmd := exec.Command("setsid", os.Args[0])
		cmd.Env = append(os.Environ(), "ASYNCIO_CHILD=sleep")
		if err := cmd.Start(); err != nil {
			return 1
		}
		fmt.Println(cmd.Process.Pid)
	case "eat":
		var all [][]byte
		for {
			piece := make([]byte, 16<<20)
			for i := range piece {
				piece[i] = 1
			}
			all = append(all, piece)
			if len(all) > 256 {
				fmt.Println("4 GiB are eaten")
				return 0
			}
		}
	case "write":
		f, err := os.Create(os.Getenv("ASYNCIO_FILE"))
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		fmt.Println(err)
	}
	return 0
}

// program returns what behaves so; it may take as long as a busy machine needs.
func program(what string) child.Program {
	return child.Program{
		Path: os.Args[0], Env: append(os.Environ(), "ASYNCIO_CHILD="+what),
		Time: time.Minute, Output: 1000,
	}
}

func run(t *testing.T, p child.Program) child.Result {
	t.Helper()
	r, err := child.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestOutputAndStatus(t *testing.T) {
	if r := run(t, program("greet")); r.Output != "out\nerr\n" || r.Status != 3 || r.Ended != nil || r.String() != "status 3" {
		t.Errorf("it was %+v", r)
	}
}

func TestWhoRunsForTooLongIsEnded(t *testing.T) {
	for _, what := range []string{"spin", "sleep"} {
		p := program(what)
		p.Time = 100 * time.Millisecond
		if r := run(t, p); !errors.Is(r.Ended, child.ErrTime) || r.Status == 0 {
			t.Errorf("%s: it was %+v", what, r)
		}
	}
}

func TestWhoPrintsTooMuchIsEnded(t *testing.T) {
	for _, what := range []string{"print", "print a bit too much"} {
		if r := run(t, program(what)); !errors.Is(r.Ended, child.ErrOutput) || len(r.Output) != 1000 {
			t.Errorf("%s: it was %v, with %d bytes", what, r, len(r.Output))
		}
	}
}

func TestCancelEndsIt(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	r, err := child.Run(ctx, program("sleep"))
	if err != nil || !errors.Is(r.Ended, context.Canceled) {
		t.Errorf("it was %+v, %v", r, err)
	}
}

func TestWhoIsLeftBehindIsEnded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("there is no signal 0")
	}
	expectNoneIsLeft(t, "leave")
}

// A group of its own does not help it.
func TestWhoHasLeftTheGroupIsEnded(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only on Linux such processes are found")
	}
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("there is no setsid command")
	}
	expectNoneIsLeft(t, "leave the group")
}

// expectNoneIsLeft runs what starts a process and prints its number.
func expectNoneIsLeft(t *testing.T, what string) {
	t.Helper()
	r := run(t, program(what))
	pid, err := strconv.Atoi(strings.TrimSpace(r.Output))
	if err != nil || r.Ended != nil || r.Status != 0 {
		t.Fatalf("it was %+v", r)
	}
	asynctest.ExpectEnded(t, pid)
}

func TestLimitsOfTheSystem(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux is known to keep them")
	}
	p := program("eat")
	p.Memory, p.Output = 512<<20, 100_000
	if r := run(t, p); r.Status == 0 || strings.Contains(r.Output, "are eaten") || !strings.Contains(r.Output, "out of memory") && !strings.Contains(r.Output, "allocate") {
		t.Errorf("it was %v: %.500s", r, r.Output)
	}
	file := filepath.Join(t.TempDir(), "file")
	p = program("write")
	p.File, p.Env = 1<<20, append(p.Env, "ASYNCIO_FILE="+file)
	r := run(t, p)
	info, err := os.Stat(file)
	if err != nil || info.Size() > 2<<20 || info.Size() < 1<<20 {
		t.Errorf("it was %v; the file: %v, %v", r, info, err)
	}
}

func TestWhatCannotBeStarted(t *testing.T) {
	if _, err := child.Run(t.Context(), child.Program{Path: filepath.Join(t.TempDir(), "missing")}); err == nil {
		t.Error("it was started")
	}
}
