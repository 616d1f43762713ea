//go:build unix

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/fakeconsole"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// ask runs a command line, and returns what it prints and its exit status.
func ask(t *testing.T, args ...string) (stdout, stderr string, status int) {
	t.Helper()
	var out, errs bytes.Buffer
	status = Main(t.Context(), args, &out, &errs)
	return out.String(), errs.String(), status
}

// serve makes a console answer at a socket, and returns its address.
func serve(t *testing.T, c *fakeconsole.Console) string {
	t.Helper()
	path := filepath.Join(fakeconsole.Folder(t), "socket")
	c.Listen(t, path)
	return "unix:" + path
}

// nobody makes sure that no program is found but those of the test. The folder in /tmp
// is looked at as well, so a program that runs beside the tests would be seen.
func nobody(t *testing.T) string {
	t.Helper()
	dir := fakeconsole.Folder(t)
	if stdout, _, _ := ask(t, "ps", "--json"); stdout != "[]\n" {
		t.Skip("a program with a console runs beside the tests: ", stdout)
	}
	return dir
}

func TestPages(t *testing.T) {
	two := fakeconsole.Shop(4242)
	two.Hello.Loops = append(two.Hello.Loops, wire.Loop{ID: 2, Name: "loop 2"})
	two.Snapshots[2] = fakeconsole.Stuck(4242).Snapshots[1]
	for _, test := range []struct {
		name, columns string
		console       *fakeconsole.Console
		args          []string
	}{
		{"ps", "80", fakeconsole.Shop(4242), []string{"ps"}},
		{"ps-wide", "", fakeconsole.Shop(4242), []string{"ps"}},
		{"ps-narrow", "50", fakeconsole.Shop(4242), []string{"ps"}},
		{"ps-all", "80", fakeconsole.Shop(4242), []string{"ps", "--all", "--sort", "since"}},
		{"ps-stuck", "80", fakeconsole.Stuck(4242), []string{"ps"}},
		{"ps-loops", "80", two, []string{"ps"}},
		{"ps-loop", "80", two, []string{"ps", "--loop", "2", "--sort", "busy"}},
		{"tree", "80", fakeconsole.Shop(4242), []string{"tree"}},
		{"tree-all", "80", fakeconsole.Shop(4242), []string{"tree", "--all"}},
		{"awaits", "80", fakeconsole.Shop(4242), []string{"tree", "--awaits"}},
		{"dump", "80", fakeconsole.Shop(4242), []string{"dump"}},
	} {
		t.Setenv("COLUMNS", test.columns)
		stdout, stderr, status := ask(t, append(test.args, serve(t, test.console))...)
		if status != 0 || stderr != "" {
			t.Errorf("%s: status %d, %s", test.name, status, stderr)
		}
		golden(t, test.name, stdout)
		for line := range strings.Lines(stdout) {
			if strings.ContainsAny(line, "\x1b\a\r") {
				t.Errorf("%s: a control character in %q", test.name, line)
			}
			if width := ansi.StringWidth(strings.TrimSuffix(line, "\n")); test.columns == "80" && width > 80 {
				t.Errorf("%s: %d columns in %q", test.name, width, line)
			}
		}
	}
}

func TestJSONIsWhatTheConsoleSays(t *testing.T) {
	console := fakeconsole.Shop(4242)
	address := serve(t, console)
	want, err := json.Marshal(console.Snapshots[1])
	if err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"ps"}, {"tree"}, {"tree", "--awaits"}, {"dump"}} {
		stdout, stderr, status := ask(t, append(args, "--json", address)...)
		if status != 0 || stdout != string(want)+"\n" {
			t.Errorf("%v: status %d, %s, %.200s", args, status, stderr, stdout)
		}
	}
	go func() {
		console.Tell(&wire.State{Snapshot: *console.Snapshots[1], Full: true})
		console.Tell(nil)
	}()
	stdout, stderr, status := ask(t, "top", "--json", address)
	var state wire.State
	if err := json.Unmarshal([]byte(stdout), &state); status != 0 || err != nil || !state.Full || strings.Count(stdout, "\n") != 1 {
		t.Errorf("top: status %d, %s, %v, %.200s", status, stderr, err, stdout)
	}
}

func TestStatus(t *testing.T) {
	dir := nobody(t)
	socket := filepath.Join(dir, "socket")
	console := fakeconsole.Shop(4242)
	console.Hello.Actions = false
	console.Listen(t, socket)
	old := filepath.Join(dir, "old")
	newer := fakeconsole.Shop(4243)
	newer.Hello.V = 2
	newer.Listen(t, old)
	me := fmt.Sprint(os.Getpid())
	for _, test := range []struct {
		line   string
		status int
		want   string
	}{
		{"ps 1073741824", 3, "there is no process"},
		{"tree unix:" + socket + ".none", 3, "there is no socket"},
		{"top " + me, 4, "ASYNCIO_CONSOLE=1"},
		{"dump " + me, 4, `import _ "github.com/asyncio-go/asyncio/console"`},
		{"ps unix:" + old, 1, "speaks version 2"},
		{"ps shop", 2, "unix:PATH or tcp:HOST:PORT"},
		{"ps 1 2", 2, "takes at most 1 argument"},
		{"ps --sort size", 2, "has to be one of id, busy"},
		{"ps unix:" + socket + " --loop 3", 1, "has no loop 3: it has 1"},
		{"ps unix:" + socket + " --loop x", 2, "has to be a number"},
		{"tree --awaits --all unix:" + socket, 2, "give one of them"},
		{"top unix:" + socket, 2, "standard output is none"},
		{"top unix:" + socket + " --loop 3", 1, "has no loop 3"},
		{"cancel unix:" + socket + " 3", 1, "console.Actions()"},
		{"cancel unix:" + socket, 2, "which task?"},
		{"trace unix:" + socket + " --format svg", 2, "perfetto or json"},
		{"trace unix:" + socket + " --seconds 0", 2, "from 1 to"},
		{"trace unix:" + socket + " --fresh", 2, "give --seconds"},
		{"trace unix:" + socket + " --json --format perfetto", 2, "give one of them"},
		{"trace unix:" + socket + " -o " + dir + "/none/file", 1, "no such file"},
		{"tree", 3, "no program of yours"},
		{"trace", 3, "no program of yours"},
		{"cancel", 3, "no program of yours"},
		{"ps", 0, "No program of yours"},
	} {
		stdout, stderr, status := ask(t, strings.Fields(test.line)...)
		if status != test.status || !strings.Contains(stderr, test.want) || stdout != "" {
			t.Errorf("%s: status %d, %s%s, want %d, %q", test.line, status, stdout, stderr, test.status, test.want)
		}
	}
	if os.Getuid() != 0 {
		if _, stderr, status := ask(t, "ps", "1"); status != 5 {
			t.Errorf("ps 1: status %d, %s", status, stderr)
		}
	} else if os.Chown(socket, 12345, -1) == nil {
		if _, stderr, status := ask(t, "ps", "unix:"+socket); status != 5 {
			t.Errorf("another user's socket: status %d, %s", status, stderr)
		}
	}
}

// Without an argument: the only program, or a list.
func TestWithoutArgument(t *testing.T) {
	dir := nobody(t)
	t.Setenv("COLUMNS", "80")
	fakeconsole.Shop(os.Getpid()).Listen(t, filepath.Join(dir, fmt.Sprint(os.Getpid(), ".sock")))
	for _, args := range [][]string{{"ps"}, {"tree"}, {"dump"}} {
		stdout, stderr, status := ask(t, args...)
		if status != 0 || !strings.Contains(stdout, "main") {
			t.Errorf("one program, %v: status %d, %s, %s", args, status, stderr, stdout)
		}
	}
	fakeconsole.Stuck(os.Getppid()).Listen(t, filepath.Join(dir, fmt.Sprint(os.Getppid(), ".sock")))
	stdout, stderr, status := ask(t, "ps")
	if status != 0 || stderr != "" || strings.Count(stdout, "\n") != 3 || !strings.Contains(stdout, "does not answer, deadlock") {
		t.Errorf("two programs: status %d, %s, %s", status, stderr, stdout)
	}
	for _, command := range []string{"tree", "dump", "trace", "cancel"} {
		stdout, stderr, status := ask(t, command)
		if status != 2 || stdout != "" || !strings.Contains(stderr, "PROGRAM") || !strings.Contains(stderr, "there are 2 programs") {
			t.Errorf("two programs, %s: status %d, %s, %s", command, status, stdout, stderr)
		}
	}
	stdout, _, _ = ask(t, "ps", "--json")
	var hellos []wire.Hello
	if err := json.Unmarshal([]byte(stdout), &hellos); err != nil || len(hellos) != 2 {
		t.Errorf("as JSON: %v, %s", err, stdout)
	}
	if offered, _, _ := ask(t, "__complete", "tree", ""); !strings.Contains(offered, fmt.Sprintf("%d\tshop\n", os.Getpid())) {
		t.Errorf("completion offers %q", offered)
	}
	if offered, _, _ := ask(t, "__complete", "cancel", fmt.Sprint(os.Getpid()), ""); !strings.Contains(offered, "8\tpacker\n") {
		t.Errorf("completion of a task offers %q", offered)
	}
}

func TestToken(t *testing.T) {
	console := fakeconsole.Shop(4242)
	console.Token = "secret of many letters"
	address := "tcp:" + console.ListenTCP(t)
	t.Setenv("ASYNCIO_TOKEN", "")
	if _, stderr, status := ask(t, "ps", address); status != 1 || !strings.Contains(stderr, "ASYNCIO_TOKEN") {
		t.Errorf("without a token: status %d, %s", status, stderr)
	}
	if _, stderr, status := ask(t, "ps", address, "--token", console.Token); status != 0 {
		t.Errorf("with --token: status %d, %s", status, stderr)
	}
	t.Setenv("ASYNCIO_TOKEN", console.Token)
	if _, stderr, status := ask(t, "ps", address); status != 0 {
		t.Errorf("with ASYNCIO_TOKEN: status %d, %s", status, stderr)
	}
}

func TestCancel(t *testing.T) {
	console := fakeconsole.Shop(4242)
	address := serve(t, console)
	for _, test := range []struct {
		task   string
		status int
		want   string
	}{
		{"3", 0, "task 3 order 17 of shop 4242 is asked to end"},
		{"packer", 0, "task 8 packer"},
		{"mail", 2, "3 tasks of shop 4242 are called \"mail\": give a number, one of 9, 10, 11"},
		{"nobody", 1, "has no task called"},
		{"99", 1, "has no task 99"},
		{"13", 1, "task 13 order 16 of shop 4242 has ended"},
	} {
		stdout, stderr, status := ask(t, "cancel", address, test.task)
		if status != test.status || !strings.Contains(stdout+stderr, test.want) {
			t.Errorf("%s: status %d, %s%s", test.task, status, stdout, stderr)
		}
	}
	if stdout, _, _ := ask(t, "cancel", address, "4", "--json"); stdout != "{}\n" {
		t.Errorf("as JSON: %q", stdout)
	}
	want := []wire.Cancel{{Loop: 1, Task: 3}, {Loop: 1, Task: 8}, {Loop: 1, Task: 4}}
	if got := console.Canceled(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("orders that came: %v, want %v", got, want)
	}
}

func TestTrace(t *testing.T) {
	address := serve(t, fakeconsole.Shop(4242))
	t.Chdir(t.TempDir())
	for _, test := range []struct{ line, file, want string }{
		{"", "shop-4242.pftrace", "format=perfetto&loop=1"},
		{"--json", "shop-4242.json", "format=json&loop=1"},
		{"-o slow.json --seconds 10", "slow.json", "format=json&loop=1&seconds=10"},
		{"-o run --format perfetto --seconds 1 --fresh", "run", "format=perfetto&loop=1&seconds=1"},
	} {
		stdout, stderr, status := ask(t, append([]string{"trace", address}, strings.Fields(test.line)...)...)
		got, err := os.ReadFile(test.file)
		if status != 0 || err != nil || string(got) != test.want+"\nrecording" || !strings.HasPrefix(stdout, test.file+": ") {
			t.Errorf("trace %s: status %d, %s%s, %v, %s", test.line, status, stdout, stderr, err, got)
		}
	}
	if stdout, stderr, status := ask(t, "trace", address, "-o", "-"); status != 0 || stdout != "format=perfetto&loop=1\nrecording" {
		t.Errorf("to standard output: status %d, %s, %s", status, stderr, stdout)
	}
}
