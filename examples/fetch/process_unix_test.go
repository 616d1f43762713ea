//go:build unix

package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// command returns the command as a process of its own, to be started. It hears
// Ctrl-C also where the test was started with that ignored: what this process
// catches has its default in those that it starts.
func command(t *testing.T, input []string, args ...string) *exec.Cmd {
	t.Helper()
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	t.Cleanup(func() { signal.Stop(interrupts) })
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), beFetch+"=1")
	cmd.Stdin = strings.NewReader(strings.Join(input, "\n"))
	return cmd
}

// stuck is an input of which, with a limit of two, the first is fetched, two
// hang, and the last is never begun.
func (s *server) stuck() []string {
	return s.urls("/ok", "/hang", "/hang", "/release")
}

// waitStuck returns when the two hang. The first must be done by then, since
// it had one of their places.
func (s *server) waitStuck() {
	<-s.hanging
	<-s.hanging
}

func TestInterrupt(t *testing.T) {
	s := newServer(t)
	cmd := command(t, s.stuck(), "--limit", "2", "--timeout", "1h", "--json")
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.waitStuck()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	cmd.Wait()

	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d, want %d; standard error %q", got, exitInterrupted, &stderr)
	}
	rows := decode(t, out.String())
	checkRow(t, rows[0], jsonRow{OK: true, Status: 200, Bytes: 5, Attempts: 1}, "")
	checkRow(t, rows[1], jsonRow{Attempts: 1, Canceled: true}, "canceled")
	checkRow(t, rows[2], jsonRow{Attempts: 1, Canceled: true}, "canceled")
	checkRow(t, rows[3], jsonRow{Canceled: true}, "canceled before it began")
	if got := s.visited("/release"); got != 0 {
		t.Errorf("the last one was fetched all the same")
	}
}

// terminal returns a terminal: what is written to tty, screen returns when
// tty has been closed by all.
func terminal(t *testing.T) (tty *os.File, screen func() string) {
	t.Helper()
	control, tty, err := pty.Open()
	if err != nil {
		t.Skip("no terminal: ", err)
	}
	pty.Setsize(tty, &pty.Winsize{Rows: 24, Cols: 80})
	all := make(chan string)
	go func() {
		text, _ := io.ReadAll(control) // ends with an error on Linux, EIO
		control.Close()
		all <- string(text)
	}()
	return tty, func() string { tty.Close(); return <-all }
}

func TestProgressOnATerminal(t *testing.T) {
	s := newServer(t)
	for _, tt := range []struct {
		flag string
		want bool
	}{
		{"--no-progress=false", true},
		{"--no-progress", false},
	} {
		tty, screen := terminal(t)
		cmd := command(t, s.urls("/ok", "nonsense", "/missing"), tt.flag)
		var out bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, tty
		cmd.Run()
		drawn := screen()
		if tt.want && (!strings.Contains(drawn, "(3/3)") || !strings.HasSuffix(drawn, "\x1b[2K\r")) {
			t.Errorf("with %s, the terminal shows %q, want a full bar that is wiped off", tt.flag, drawn)
		}
		if !tt.want && drawn != "" {
			t.Errorf("with %s, the terminal shows %q, want nothing", tt.flag, drawn)
		}
		if strings.Contains(out.String(), "\x1b") {
			t.Errorf("piped output has control codes: %q", &out)
		}
		if got := cmd.ProcessState.ExitCode(); got != exitFailed {
			t.Errorf("exit status %d, want %d", got, exitFailed)
		}
	}
}

func TestNoProgressOnAPipe(t *testing.T) {
	s := newServer(t)
	cmd := command(t, s.urls("/ok"))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil || stderr.Len() > 0 {
		t.Errorf("%v, standard error %q; want nothing", err, &stderr)
	}
}

// TestControlC types Ctrl-C on the terminal that the command runs on.
func TestControlC(t *testing.T) {
	s := newServer(t)
	cmd := command(t, nil, "--limit", "2", "--timeout", "1h")
	cmd.Stdin = nil
	control, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 24, Cols: 80})
	if err != nil {
		t.Skip("no terminal: ", err)
	}
	defer control.Close()
	const controlC, controlD = "\x03", "\x04"
	io.WriteString(control, strings.Join(s.stuck(), "\n")+"\n"+controlD)
	s.waitStuck()
	io.WriteString(control, controlC)
	text, _ := io.ReadAll(control) // ends with an error on Linux, EIO
	cmd.Wait()

	if got := cmd.ProcessState.ExitCode(); got != exitInterrupted {
		t.Errorf("exit status %d, want %d", got, exitInterrupted)
	}
	const want = "4 URLs: 1 ok, 3 canceled; 5 bytes"
	if !strings.Contains(string(text), want) || !strings.Contains(string(text), "Ctrl-D ends them") {
		t.Errorf("the terminal shows %q, want %q", text, want)
	}
}
