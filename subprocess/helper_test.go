package subprocess_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/poller"
	"github.com/asyncio-go/asyncio/internal/virtual"
	"github.com/asyncio-go/asyncio/subprocess"
)

// programVariable tells the test binary which program it is to be.
const programVariable = "ASYNCIO_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if name := os.Getenv(programVariable); name != "" {
		os.Exit(programs[name](os.Args[1:]))
	}
	asynctest.HearInterrupts()
	os.Exit(m.Run())
}

// A main is the main function of a program; it returns the exit status.
type main func(args []string) int

// programs are what the tests start.
var programs map[string]main

func init() {
	programs = map[string]main{
		"cat": func([]string) int {
			_, err := io.Copy(os.Stdout, os.Stdin)
			return status(err)
		},
		"echo": func(args []string) int {
			fmt.Println(strings.Join(args, " "))
			return 0
		},
		"complain": func(args []string) int {
			fmt.Fprintln(os.Stderr, strings.Join(args, " "))
			return 3
		},
		"lament": func(args []string) int { // longer than the arguments of a program may be
			n, _ := strconv.Atoi(args[0])
			fmt.Fprintln(os.Stderr, "begin"+strings.Repeat("x", n)+"end")
			return 3
		},
		"exit": func(args []string) int {
			code, _ := strconv.Atoi(args[0])
			return code
		},
		"env": func(args []string) int {
			fmt.Println(os.Getenv(args[0]))
			return 0
		},
		"dir": func([]string) int {
			dir, err := os.Getwd()
			fmt.Println(dir)
			return status(err)
		},
		"flood": func(args []string) int { // both outputs, with so many bytes each
			n, _ := strconv.Atoi(args[0])
			chunk := bytes.Repeat([]byte("x"), 1<<10)
			for ; n > 0; n -= len(chunk) {
				os.Stdout.Write(chunk)
				os.Stderr.Write(chunk)
			}
			return 0
		},
		"interpret": func([]string) int { // answers each line, and ends with the line "end"
			for {
				var line string
				if _, err := fmt.Scanln(&line); err != nil || line == "end" {
					return status(err)
				}
				fmt.Println("<" + line + ">")
			}
		},
		"deaf": func([]string) int { // closes its input, says so, and waits
			os.Stdin.Close()
			fmt.Println("closed")
			return sleep(nil)
		},
		"sleep": sleep,
		"stubborn": func([]string) int { // cannot be asked to end
			signal.Ignore(syscall.SIGTERM)
			fmt.Println("ready")
			return sleep(nil)
		},
		"polite": func([]string) int { // says goodbye when it is asked to end
			asked := make(chan os.Signal, 1)
			signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT)
			fmt.Println("ready")
			fmt.Println("bye:", <-asked)
			return 0
		},
		"parent": func(args []string) int { // makes a child that holds its output, says whom, and leaves it behind
			child := program("sleep")
			cmd := exec.Command(child.Path, child.Args[1:]...)
			cmd.Env = child.Env
			cmd.Stdout = os.Stdout
			cmd.Stderr = os.Stderr
			err := cmd.Start()
			fmt.Println(cmd.Process.Pid)
			if len(args) > 0 { // or does not
				return sleep(nil)
			}
			return status(err)
		},
		"leader": func(args []string) int { // of a child that is a program, too, and holds its output
			asked := make(chan os.Signal, 1)
			if args[0] == "waits" {
				signal.Notify(asked, syscall.SIGTERM)
			}
			child := program(args[1])
			cmd := exec.Command(child.Path)
			cmd.Env, cmd.Stdout = child.Env, os.Stdout
			err := cmd.Start()
			switch {
			case err != nil:
				return status(err)
			case args[0] == "waits": // for its child, also when it is asked to end
				return status(cmd.Wait())
			}
			_, err = io.Copy(io.Discard, os.Stdin) // and leaves it behind
			return status(err)
		},
		"size": func(args []string) int { // of a file
			data, err := os.ReadFile(args[0])
			fmt.Println(len(data))
			return status(err)
		},
		"extra": func([]string) int { // reads descriptor 3
			data, err := io.ReadAll(os.NewFile(3, "extra"))
			os.Stdout.Write(data)
			return status(err)
		},
	}
}

func status(err error) int {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

func sleep([]string) int {
	time.Sleep(10 * time.Minute)
	return 0
}

// program is the command that starts one of the programs.
func program(name string, args ...string) *subprocess.Cmd {
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := subprocess.Command(exe, args...)
	cmd.Env = append(os.Environ(), programVariable+"="+name,
		"GORACE=atexit_sleep_ms=0") // the race detector's programs sleep for a second otherwise
	return cmd
}

// inWorlds runs a test on the real clock, in the way of systems whose poller
// cannot wait for descriptors, and on the virtual clock; see run. That waits for
// other processes as long as a busy machine may take to run them: it would jump
// over WaitDelay otherwise.
func inWorlds(t *testing.T, test func(ctx context.Context, t *testing.T)) {
	t.Helper()
	inWorldsOf(t, 30*time.Second, test)
}

// inTimelyWorlds is inWorlds for a test of what happens when a time is up: the
// virtual clock is not long in getting there.
func inTimelyWorlds(t *testing.T, test func(ctx context.Context, t *testing.T)) {
	t.Helper()
	inWorldsOf(t, 200*time.Millisecond, test)
}

func inWorldsOf(t *testing.T, patience time.Duration, test func(ctx context.Context, t *testing.T)) {
	t.Helper()
	t.Run("on the real clock", func(t *testing.T) { run(t, test) })
	t.Run("without descriptors", func(t *testing.T) { run(t, test, withoutDescriptors()) })
	t.Run("on the virtual clock", func(t *testing.T) {
		run(t, test, (&virtual.World{Patience: patience}).Option())
	})
}

// withoutDescriptors makes a loop one that cannot wait for them.
func withoutDescriptors() asyncio.Option {
	return config.InWorld(func() config.World {
		return config.World{Clock: poller.NewClock(), Poller: poller.NewPortable()}
	})
}

// run runs a test on a loop, and expects that it leaves no process, no
// descriptor and no goroutine behind.
func run(t *testing.T, test func(ctx context.Context, t *testing.T), opts ...asyncio.Option) {
	t.Helper()
	needProcesses(t)
	nothingIsLeft(t)
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		test(ctx, t)
		return nil
	}, opts...)
	if err != nil {
		t.Error(err)
	}
}

func needProcesses(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "js" || runtime.GOOS == "wasip1" {
		t.Skip("there are no processes here")
	}
}

// needSignals skips a test where processes cannot be told from one another by
// how they were ended.
func needSignals(t *testing.T) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals here")
	}
}

// nothingIsLeft expects, when the test has ended, that no child process, no
// descriptor and no goroutine is left of it.
func nothingIsLeft(t *testing.T) {
	t.Helper()
	warmUp()
	goroutines, files := runtime.NumGoroutine(), openDescriptors(t)
	t.Cleanup(func() {
		eventually(t, "the goroutines have ended", func() bool { return runtime.NumGoroutine() <= goroutines })
		eventually(t, "the descriptors are closed", func() bool { return openDescriptors(t) <= files })
		if children := childProcesses(t); len(children) > 0 {
			t.Errorf("these children are left: %q", children)
		}
	})
}

// warmUp lets the standard library open what it keeps open.
var warmUp = sync.OnceFunc(func() {
	c := make(chan os.Signal, 1)
	signal.Notify(c, os.Interrupt)
	signal.Stop(c)
	_ = exec.Command(os.Args[0], "-test.run=^$").Run()
	_, _ = os.ReadDir("/proc/self/fd")
})

// patience is how long a test waits for what must come. A test that needs it
// has failed.
const patience = 30 * time.Second

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for start := time.Now(); !holds(); time.Sleep(time.Millisecond) {
		if time.Since(start) > patience {
			t.Errorf("in vain: %s", what)
			return
		}
	}
}

// openDescriptors counts where the system tells.
func openDescriptors(t *testing.T) int {
	t.Helper()
	if runtime.GOOS != "linux" {
		return 0
	}
	files, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(files)
}

// childProcesses returns what the system says of our children, where it does,
// zombies included.
func childProcesses(t *testing.T) (stats []string) {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if fields[1] == strconv.Itoa(os.Getpid()) {
			stats = append(stats, string(stat))
		}
	}
	return stats
}

// isAlive reports whether a process exists and is no zombie.
func isAlive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	return !bytes.Contains(stat, []byte(") Z "))
}

// recovered calls fn and returns what it panics with.
func recovered(fn func()) (panicked any) {
	defer func() { panicked = recover() }()
	fn()
	return nil
}

func mustStart(ctx context.Context, t *testing.T, cmd *subprocess.Cmd) {
	t.Helper()
	if err := cmd.Start(ctx); err != nil {
		t.Fatal(err)
	}
}

// must returns the value of what must not fail.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// readSome makes one Read.
func readSome(t *testing.T, r io.Reader) string {
	t.Helper()
	buf := make([]byte, 100)
	n, err := r.Read(buf)
	if err != nil {
		t.Errorf("reading: %v", err)
	}
	return string(buf[:n])
}

func expectIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: the error is %v, want %v", what, err, want)
	}
}

func expectText(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	if strings.TrimRight(string(got), "\r\n") != want {
		t.Errorf("%s: it is %q, want %q", what, got, want)
	}
}

// expectExit expects an *ExitError with this return code.
func expectExit(t *testing.T, cmd *subprocess.Cmd, err error, want int) {
	t.Helper()
	var exit *subprocess.ExitError
	if want != 0 && !errors.As(err, &exit) || want == 0 && err != nil {
		t.Errorf("the error is %v, want that of the return code %d", err, want)
	}
	if code, ended := cmd.ReturnCode(); code != want || !ended {
		t.Errorf("the return code is %d, ended: %v; want %d", code, ended, want)
	}
}

// inTask runs fn in a task, up to its first suspension at least.
func inTask(ctx context.Context, fn func(ctx context.Context) error) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, fn, asyncio.Eager())
}

// second returns the error of a result.
func second[T any](_ T, err error) error { return err }
