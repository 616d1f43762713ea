//go:build unix

package main

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/asyncio-go/asyncio/remote/inspect"
)

// natsServer starts a server for a test.
func natsServer(t *testing.T) (url string) {
	t.Helper()
	s, err := embedded.Start(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s.URL()
}

// asClient runs a function on a loop, with an executor.
func asClient(t *testing.T, url string, fn func(ctx context.Context, x *remote.Executor) error) {
	t.Helper()
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		x, err := remote.Connect(ctx, url, remote.Client("me"))
		if err != nil {
			return err
		}
		defer x.Close()
		return fn(ctx, x)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// The commands at a real server, with real workers.
func TestJobs(t *testing.T) {
	url := natsServer(t)
	t.Setenv("ASYNCIO_NATS", url)
	t.Setenv("COLUMNS", "")
	if stdout, stderr, status := ask(t, "jobs"); status != 0 || stdout != "asyncio: 0 jobs, 0 running; 0 workers; 0 failed\n" || stderr != "" {
		t.Errorf("nothing: status %d, %s, %s", status, stdout, stderr)
	}
	asClient(t, url, func(ctx context.Context, x *remote.Executor) error {
		_, err := unserved.Submit(ctx, x, 1, remote.ID("u"))
		return err
	})
	if stdout, _, _ := ask(t, "jobs"); !strings.Contains(stdout, "No worker answers") || !regexp.MustCompile(`(?m)^unserved +2 +1 +0 +0$`).MatchString(stdout) {
		t.Errorf("without a worker:\n%s", stdout)
	}
	worker := begin(t, "worker", "-n", "2", "calculator", "w")
	for range 2 {
		readUntil(t, worker.stdout, "connected")
	}
	asClient(t, url, func(ctx context.Context, x *remote.Executor) error {
		for id, n := range map[string]int{"odd": 7, "even": 8} {
			job, err := half.Submit(ctx, x, n, remote.ID(id))
			if err != nil {
				return err
			}
			if _, err := job.Await(ctx); (err != nil) != (id == "odd") {
				t.Errorf("%s: %v", id, err)
			}
		}
		_, err := forever.Submit(ctx, x, 1, remote.ID("long"))
		return err
	})
	until(t, []string{"asyncio: 2 jobs, 1 running; 2 workers; 1 failed\n", "\nlong  forever   me", "serves   1/1", "half, forever\n", "\nodd  half      me", "7 is odd\n"}, "jobs")
	retryAndPurge(t, url)

	_ = worker.Process.Signal(syscall.SIGTERM)
	if _, status := worker.end(t); status != 0 || strings.Count(worker.stderr.String(), "ended with status 0 after") != 2 {
		t.Errorf("the workers: status %d, %s", status, worker.stderr.String())
	}
	until(t, []string{"2 jobs, 0 running; 0 workers; 0 failed"}, "jobs")
}

// retryAndPurge deals with the failed job of TestJobs.
func retryAndPurge(t *testing.T, url string) {
	t.Helper()
	if stdout, _, status := ask(t, "__complete", "jobs", "retry", ""); status != 0 || !strings.HasPrefix(stdout, "odd\thalf: 7 is odd\n") {
		t.Errorf("completion offers %q", stdout)
	}
	if stdout, _, status := ask(t, "__complete", "jobs", "purge", "--function", ""); status != 0 || !strings.HasPrefix(stdout, "half\n") {
		t.Errorf("completion offers %q", stdout)
	}
	for _, c := range []struct {
		args           []string
		stdout, stderr string
		status         int
	}{
		{[]string{"retry"}, "", "asyncio jobs retry: say which jobs", 2},
		{[]string{"retry", "odd", "--all"}, "", "say which jobs", 2},
		{[]string{"purge", "--function", ""}, "", "needs the name", 2},
		{[]string{"purge", "me."}, "", "is no id", 2},
		{[]string{"retry", "a*"}, "", "use 1 to 64", 1},
		{[]string{"retry", "even"}, "", "no failed job even is there", 1},
		{[]string{"retry", "you.odd"}, "", "no failed job odd of client you is there", 1},
		{[]string{"purge", "--function", "half=2"}, "", "no jobs of function half version 2 have failed", 1},
		{[]string{"retry", "me.odd"}, "odd of half is queued again as odd-retry-1\n", "", 0},
	} {
		stdout, stderr, status := ask(t, append([]string{"jobs"}, c.args...)...)
		if stdout != c.stdout || !strings.Contains(stderr, c.stderr) || status != c.status {
			t.Errorf("%v: status %d, %s, %s", c.args, status, stdout, stderr)
		}
	}
	asClient(t, url, func(ctx context.Context, x *remote.Executor) error {
		job, err := half.Attach(ctx, x, "odd-retry-1")
		if err != nil {
			return err
		}
		if _, err := job.Await(ctx); err == nil || !strings.Contains(err.Error(), "7 is odd") {
			t.Errorf("the retried job ends with %v", err)
		}
		return nil
	})
	var s inspect.State
	stdout, _, status := ask(t, "jobs", "--json")
	if err := json.Unmarshal([]byte(stdout), &s); err != nil || status != 0 || strings.Count(stdout, "\n") != 1 ||
		len(s.Failures) != 1 || s.Failures[0].RetryOf != "odd" || len(s.Workers) != 2 || len(s.Running) != 1 {
		t.Errorf("as JSON: status %d, %v, %s", status, err, stdout)
	}
	if stdout, _, status := ask(t, "jobs", "retry", "--all", "--json"); status != 0 || stdout != `[{"id":"odd-retry-1","newId":"odd-retry-2","client":"me","function":"half","version":"1"}]`+"\n" {
		t.Errorf("retry --json: status %d, %s", status, stdout)
	}
	until(t, []string{"odd-retry-2  half", "(a retry of odd-retry-1)"}, "jobs")
	for _, want := range []string{"1 failure removed\n", "0 failures removed\n"} {
		if stdout, _, status := ask(t, "jobs", "purge", "--all"); status != 0 || stdout != want {
			t.Errorf("purge: status %d, %s, want %s", status, stdout, want)
		}
	}
	if stdout, _, status := ask(t, "jobs", "purge", "--all", "--json"); status != 0 || stdout != `{"removed":0}`+"\n" {
		t.Errorf("purge --json: status %d, %s", status, stdout)
	}
	if stdout, _, status := ask(t, "jobs", "retry", "--all"); status != 0 || stdout != "nothing has failed\n" {
		t.Errorf("retry of nothing: status %d, %s", status, stdout)
	}
}

// --watch --json prints a line each second, and Ctrl-C is the way to leave.
func TestJobsWatched(t *testing.T) {
	url := natsServer(t)
	c := begin(t, "jobs", "--watch", "--json", "--nats", url, "--prefix", "p")
	for range 2 {
		readUntil(t, c.stdout, `"prefix":"p"`)
	}
	_ = c.Process.Signal(syscall.SIGINT)
	if _, status := c.end(t); status != 0 || c.stderr.String() != "" {
		t.Errorf("status %d, %s", status, c.stderr.String())
	}
}

func TestJobsWithoutAServer(t *testing.T) {
	t.Setenv("ASYNCIO_NATS", "nats://127.0.0.1:1") // nobody listens there
	for _, args := range [][]string{{"jobs"}, {"jobs", "--json"}, {"jobs", "retry", "--all"}, {"jobs", "purge", "x"}} {
		if stdout, stderr, status := ask(t, args...); status != 1 || stdout != "" || !strings.Contains(stderr, "start one with") || !strings.Contains(stderr, "nats://127.0.0.1:1") {
			t.Errorf("%v: status %d, %s, %s", args, status, stdout, stderr)
		}
	}
	if stdout, _, status := ask(t, "__complete", "jobs", "retry", ""); status != 0 || !strings.HasPrefix(stdout, ":4\n") {
		t.Errorf("completion: status %d, %q", status, stdout)
	}
	if _, stderr, status := ask(t, "jobs", "--watch"); status != 2 || !strings.Contains(stderr, "--watch draws on a terminal") {
		t.Errorf("--watch: status %d, %s", status, stderr)
	}
	if _, stderr, status := ask(t, "jobs", "retri"); status != 2 || !strings.Contains(stderr, `do you mean "retry"`) {
		t.Errorf("a slip: status %d, %s", status, stderr)
	}
}
