package remote

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

func init() {
	roles["gated worker"] = func() error {
		var opts []WorkerOption
		if os.Getenv("ONLOOP") != "" {
			opts = append(opts, OnLoop())
		}
		if d, err := time.ParseDuration(os.Getenv("DRAIN")); err == nil {
			opts = append(opts, Drain(d))
		}
		return asyncio.Run(context.Background(), func(ctx context.Context) error {
			nc, err := Dial(ctx, "")
			if err != nil {
				return err
			}
			defer nc.Close()
			return Serve(ctx, nc, []Registered{gated}, append(opts, Prefix(os.Getenv("PREFIX")), Lease(2*time.Second), WorkerName("child"))...)
		})
	}
}

// gated waits until the parent lets it go on, or for the end of its context.
var gated = Define("gated", func(ctx context.Context, url string) (string, error) {
	info, _ := JobOf(ctx)
	if info.Worker != "child" {
		return "elsewhere", nil
	}
	fmt.Println("began")
	get := func(ctx context.Context) (string, error) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return "", err
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			return "", context.Cause(ctx)
		}
		return "here", resp.Body.Close()
	}
	if os.Getenv("ONLOOP") != "" {
		return asyncio.ToThread(ctx, get)
	}
	return get(ctx)
}, NotIdempotent())

// A child is a worker in a process of its own.
type child struct {
	cmd   *exec.Cmd
	lines chan string
}

func (w *wire) child(shell string, env ...string) *child {
	w.t.Helper()
	exe, err := os.Executable()
	if err != nil {
		w.t.Fatal(err)
	}
	cmd := exec.Command(exe)
	if shell != "" {
		cmd = exec.Command("sh", "-c", shell+` exec "$0"`, exe)
	}
	cmd.Env = append(os.Environ(), append(env, roleVariable+"=gated worker", EnvURL+"="+w.url, "PREFIX="+w.prefix)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	c := &child{cmd, make(chan string, 100)}
	go func() {
		defer close(c.lines)
		for s := bufio.NewScanner(out); s.Scan(); {
			c.lines <- s.Text()
		}
	}()
	w.t.Cleanup(func() { _ = cmd.Process.Kill() })
	return c
}

func (c *child) signal(t *testing.T, sig os.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
}

func (c *child) wait(t *testing.T) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- c.cmd.Wait() }()
	return take(t, ended)
}

// gate answers requests when it is opened.
func gate(t *testing.T) (url string, open func()) {
	t.Helper()
	opened := make(chan struct{})
	s := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-opened:
		case <-r.Context().Done():
		}
	})}
	ln := listen(t)
	go func() { _ = s.Serve(ln) }()
	t.Cleanup(func() { _ = s.Close() })
	return "http://" + ln.Addr().String(), sync.OnceFunc(func() { close(opened) })
}

func inBothProcesses(t *testing.T, test func(t *testing.T, env string)) {
	t.Run("pool", func(t *testing.T) { test(t, "ONLOOP=") })
	t.Run("loop", func(t *testing.T) { test(t, "ONLOOP=1") })
}

func TestSIGTERMLetsJobsEnd(t *testing.T) {
	inBothProcesses(t, func(t *testing.T, env string) {
		w := newWire(t)
		url, open := gate(t)
		c := w.child("", env)
		w.submit(gated, "j", url)
		take(t, c.lines)
		c.signal(t, syscall.SIGTERM)
		w.until("it drains", func() bool { return w.ask()[0].Draining })
		w.until("it asks for nothing", func() bool { return w.consumerOf(gated).NumWaiting == 0 })
		w.submit(gated, "k", url)
		open()
		if m := w.ends("j", outcomeOK); string(m.Data) != `"here"` {
			t.Errorf("result %s", m.Data)
		}
		if err := c.wait(t); err != nil {
			t.Error(err)
		}
		if n := w.queued(); n != 1 {
			t.Errorf("%d jobs are left", n)
		}
		w.serve([]Registered{gated})
		if m := w.ends("k", outcomeOK); m.Header.Get(headerAttempt) != "1" {
			t.Errorf("attempt %s", m.Header.Get(headerAttempt))
		}
	})
}

func TestSIGTERMEndsAnIdleWorkerAtOnce(t *testing.T) {
	w := newWire(t)
	c := w.child("")
	w.ready(gated)
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Error(err)
	}
}

func TestSIGTERMIsCaughtAlsoWhereItIsIgnored(t *testing.T) {
	w := newWire(t)
	c := w.child("trap '' TERM;")
	w.ready(gated)
	c.signal(t, syscall.SIGTERM)
	if err := c.wait(t); err != nil {
		t.Error(err)
	}
}

func TestJobsAreGivenBackWhenTheTimeToDrainIsOver(t *testing.T) {
	for _, how := range []string{"time", "second signal"} {
		t.Run(how, func(t *testing.T) {
			inBothProcesses(t, func(t *testing.T, env string) {
				w := newWire(t)
				url, _ := gate(t)
				drain := "DRAIN=10ms"
				if how != "time" {
					drain = "DRAIN=1h"
				}
				c := w.child("", env, drain)
				w.submit(gated, "j", url)
				take(t, c.lines)
				c.signal(t, syscall.SIGTERM)
				if how != "time" {
					w.until("it drains", func() bool { return w.ask()[0].Draining })
					c.signal(t, syscall.SIGTERM)
				}
				if err := c.wait(t); err != nil {
					t.Error(err)
				}
				if n := w.last(w.notes(), w.note(jobKey{"c", "j"})); n == nil {
					t.Error("no note")
				}
				w.serve([]Registered{gated})
				if m := w.ends("j", outcomeOK); string(m.Data) != `"elsewhere"` {
					t.Errorf("result %s", m.Data)
				}
			})
		})
	}
}
