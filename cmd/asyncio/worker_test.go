//go:build unix

package main

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// A command is one that runs.
type command struct {
	*exec.Cmd
	stdout *bufio.Reader
	input  io.Closer // of stdout
	stderr strings.Builder
}

// begin runs a command until the test ends it, or ends itself.
func begin(t *testing.T, args ...string) *command {
	t.Helper()
	c := &command{Cmd: exec.CommandContext(t.Context(), "asyncio", args...)}
	c.Stderr = &c.stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.stdout, c.input = bufio.NewReader(out), out
	// What is caught here is not ignored there, however the tests were started.
	caught := make(chan os.Signal, 1)
	signal.Notify(caught, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(caught)
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// end reads all that a command prints, and returns that and its exit status.
func (c *command) end(t *testing.T) (stdout string, status int) {
	t.Helper()
	rest, err := io.ReadAll(c.stdout)
	if err != nil {
		t.Error(err)
	}
	_ = c.Wait() // its error is the status
	return string(rest), c.ProcessState.ExitCode()
}

// ready waits until so many copies have said that they are ready.
func (c *command) ready(t *testing.T, copies int) {
	t.Helper()
	for range copies {
		readUntil(t, c.stdout, "ready")
	}
}

// listen returns an address, and a channel that is closed when one has connected to it
// and its connection has ended.
func listen(t *testing.T) (address string, ended <-chan struct{}) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	end := make(chan struct{})
	conns := make(chan net.Conn, 1)
	go func() {
		defer close(end)
		if conn, err := l.Accept(); err == nil {
			conns <- conn
			_, _ = io.Copy(io.Discard, conn)
		}
	}()
	t.Cleanup(func() {
		l.Close()
		select {
		case conn := <-conns:
			conn.Close()
		default:
		}
	})
	return l.Addr().String(), end
}

// Whatever the signal, the copies get the one upon which a worker lets its jobs end.
func TestWorkerAsksCopiesToEnd(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP} {
		t.Run(sig.String(), func(t *testing.T) {
			c := begin(t, "worker", "-n", "3", "laborer", "wait")
			c.ready(t, 3)
			_ = c.Process.Signal(sig)
			stdout, status := c.end(t)
			for _, number := range []string{"1", "2", "3"} {
				if !strings.Contains(stdout, number+" | told: "+syscall.SIGTERM.String()+"\n") {
					t.Errorf("copy %s has not been told:\n%s", number, stdout)
				}
			}
			if strings.Count(c.stderr.String(), "ended with status 0 after") != 3 || status != 0 || strings.Contains(c.stderr.String(), "interrupted") {
				t.Errorf("status %d, %s", status, c.stderr.String())
			}
		})
	}
}

// A program without a handler dies of the signal, and that is well.
func TestWorkerDiesOfTheSignal(t *testing.T) {
	for _, sig := range []syscall.Signal{syscall.SIGTERM, syscall.SIGHUP} {
		c := begin(t, "worker", "laborer", "simple")
		c.ready(t, 1)
		_ = c.Process.Signal(sig)
		if _, status := c.end(t); status != 0 || !strings.Contains(c.stderr.String(), `ended by the signal "terminated"`) {
			t.Errorf("after %v: status %d, %s", sig, status, c.stderr.String())
		}
	}
}

func TestTheSecondSignalKillsWorkers(t *testing.T) {
	address, ended := listen(t)
	c := begin(t, "worker", "laborer", "deaf", address)
	c.ready(t, 1)
	_ = c.Process.Signal(syscall.SIGTERM)
	_ = c.Process.Signal(syscall.SIGINT)
	<-ended
	if _, status := c.end(t); status != 1 || !strings.Contains(c.stderr.String(), `ended by the signal "killed"`) {
		t.Errorf("status %d, %s", status, c.stderr.String())
	}
}

// A copy that waits to be started again does not keep the command from ending, and has not
// ended well.
func TestWorkerStopsBetweenTwoLives(t *testing.T) {
	c := &command{Cmd: exec.CommandContext(t.Context(), "asyncio", "worker", "laborer", "status", "7")}
	errs, err := c.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	c.stdout = bufio.NewReader(errs)
	for range 3 {
		readUntil(t, c.stdout, "starts again in")
	}
	_ = c.Process.Signal(syscall.SIGTERM)
	if rest, status := c.end(t); status != 1 || rest != "" {
		t.Errorf("status %d, %s", status, rest)
	}
}

// When nobody reads what copies print, they end, and the command does.
func TestWorkerWithoutAReader(t *testing.T) {
	c := begin(t, "worker", "-n", "2", "laborer", "chatter")
	readUntil(t, c.stdout, "another thing")
	c.input.Close()
	_ = c.Wait() // its error is the status
	if status := c.ProcessState.ExitCode(); status != 1 || !strings.Contains(c.stderr.String(), "broken pipe") {
		t.Errorf("status %d, %s", status, c.stderr.String())
	}
}

// The copies of a command that is killed do not go on without it.
func TestAKilledWorkerCommand(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("this system does not tell a process that its parent has died")
	}
	address, ended := listen(t)
	c := begin(t, "worker", "laborer", "connected", address)
	c.ready(t, 1)
	_ = c.Process.Kill()
	<-ended
	_ = c.Wait() // it was killed
}
