package remote_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// aMapper is the spec of a client process that maps over many inputs.
type aMapper struct {
	URL  string
	Jobs int
}

func init() { addRole("mapper", mapInProcess) }

func mapInProcess(ctx context.Context, spec aMapper) error {
	return asyncio.Run(ctx, func(ctx context.Context) error {
		x, err := remote.Connect(ctx, spec.URL)
		if err != nil {
			return err
		}
		defer x.Close()
		inputs := func(yield func(task) bool) {
			for n := 0; n < spec.Jobs && yield(task{N: n}); n++ {
			}
		}
		n, began := 0, time.Now()
		for got, err := range work.Map(ctx, x, inputs) {
			if err != nil || got.Square != n*n {
				return fmt.Errorf("job %d has come to %v, %w", n, got, err)
			}
			n++
		}
		say("rate", int(float64(n)/time.Since(began).Seconds()))
		say("memory", mostMemory())
		say("results", n)
		return nil
	})
}

// mostMemory is how much memory the process has had at most, in kB, or 0 where the system
// does not tell.
func mostMemory() (kB int) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			_, _ = fmt.Sscan(rest, &kB) // 0 says that it is not known
		}
	}
	return kB
}

// 100,000 jobs on four workers. It is not parallel, so that the rate means something.
func TestProcessManyJobs(t *testing.T) {
	l := newLand(t)
	jobs := times(5_000, 100_000)
	for range 4 {
		l.worker(func(w *aWorker) { w.Diary, w.Parallel, w.Lease = "", 16, 10*time.Second })
	}
	client := startProcess(t, "mapper", "the client", aMapper{URL: l.url, Jobs: jobs})
	if err := client.waitFor(10 * time.Minute); err != nil {
		t.Fatalf("the client has ended with %v; it said %q", err, client.said.all())
	}
	if n := client.line("results"); n != fmt.Sprint(jobs) {
		t.Errorf("%s results for %d jobs", n, jobs)
	}
	var kB int
	if _, err := fmt.Sscan(client.line("memory"), &kB); err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS == "linux" && (kB == 0 || kB > 300_000) {
		t.Errorf("the client has had %d kB of memory, want at most 300,000", kB)
	}
	t.Logf("%d jobs, %s a second, the client has had %d MB of memory at most", jobs, client.line("rate"), kB/1000)
	l.settled(jobs)
}
