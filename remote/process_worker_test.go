package remote_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// A task is what a worker process is told to do.
type task struct {
	N     int
	Takes time.Duration
	How   string `json:",omitempty"` // see perform
}

// An answer is what comes of a task.
type answer struct {
	Square          int
	Worker, Version string
}

// The functions of worker processes. They do the same, and differ in how often they may die.
var (
	work   = remote.Define("work", perform, remote.MaxDeaths(-1))
	mortal = remote.Define("mortal", perform)
	once   = remote.Define("once", perform, remote.NotIdempotent())
)

// workVersion is work of another version.
func workVersion(v string) *remote.Func[task, answer] {
	return remote.Define("work", perform, remote.MaxDeaths(-1), remote.Version(v))
}

var errTaskFails = errors.New("the task is to fail")

func init() { remote.RegisterError("remote_test.task_fails", errTaskFails) }

func perform(ctx context.Context, in task) (out answer, err error) {
	job, _ := remote.JobOf(ctx)
	diary.write("begin", job.ID, strconv.Itoa(job.Attempt))
	deadline := time.Now().Add(in.Takes)
	switch in.How {
	case "":
		select {
		case <-time.After(in.Takes):
		case <-ctx.Done():
			diary.write("cut", job.ID, strings.ReplaceAll(context.Cause(ctx).Error(), " ", "-"))
			return out, context.Cause(ctx)
		}
	case "deaf": // it does not hear that it is to end
		for time.Now().Before(deadline) {
			time.Sleep(time.Millisecond)
		}
	case "exit":
		os.Exit(1)
	case "fail":
		return out, errTaskFails
	default:
		return out, fmt.Errorf("how is %q?", in.How)
	}
	diary.write("end", job.ID, "-")
	return answer{Square: in.N * in.N, Worker: job.Worker, Version: job.Version}, nil
}

// A notebook is a file in which a process writes what it does, so that it is there when the
// process is not any more.
type notebook struct{ file *os.File }

// diary is that of this process, if it is a worker.
var diary notebook

func (n notebook) write(what, id, more string) {
	if n.file != nil {
		_, _ = fmt.Fprintf(n.file, "%s %s %s %d\n", what, id, more, time.Now().UnixNano()) // a test misses the line
	}
}

// An entry is a line of a notebook.
type entry struct {
	what, id, more string
	when           time.Time
}

// entries reads all notebooks in a directory.
func entries(t *testing.T, dir string) []entry { t.Helper(); return entriesOf(t, dir, "*") }

// entriesOf reads the notebook of one process.
func entriesOf(t *testing.T, dir, name string) (all []entry) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, name+".diary"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(data)) {
			var e entry
			var when int64
			if n, err := fmt.Sscan(line, &e.what, &e.id, &e.more, &when); n != 4 || !strings.HasSuffix(line, "\n") {
				t.Logf("%s: line %q: %v", file, line, err) // its writer was killed
				continue
			}
			e.when = time.Unix(0, when)
			all = append(all, e)
		}
	}
	return all
}

// runs is how often each job was begun.
func runs(t *testing.T, dir string) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, e := range entries(t, dir) {
		if e.what == "begin" {
			count[e.id]++
		}
	}
	return count
}

// beginsIn is how many jobs were begun.
func beginsIn(all []entry) (n int) {
	for _, e := range all {
		if e.what == "begin" {
			n++
		}
	}
	return n
}

// aWorker is the spec of a worker process.
type aWorker struct {
	URL, Name, Diary string // without a Diary, it writes nothing down
	Parallel         int
	Lease, Drain     time.Duration
	Version          string
	OnLoop           bool
}

func init() { addRole("worker", serveInProcess) }

func serveInProcess(ctx context.Context, spec aWorker) (err error) {
	if spec.Diary != "" {
		diary.file, err = os.OpenFile(spec.Diary, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return err
		}
		go noteGaps(ctx, diary)
	}
	return asyncio.Run(ctx, func(ctx context.Context) error {
		nc, err := remote.Dial(ctx, spec.URL)
		if err != nil {
			return err
		}
		defer nc.Close()
		opts := []remote.WorkerOption{
			remote.WorkerName(spec.Name), remote.Parallel(spec.Parallel), remote.Lease(spec.Lease), remote.Drain(spec.Drain),
		}
		if spec.OnLoop {
			opts = append(opts, remote.OnLoop())
		}
		return remote.Serve(ctx, nc, []remote.Registered{workVersion(spec.Version), mortal, once}, opts...)
	})
}

// gap is for how long a process must not have run to be taken for one that was stopped:
// well below what costs a lease of a second.
const gap = 250 * time.Millisecond

// noteGaps writes down when this process did not get to run: on a busy machine a lease can
// end although nobody has touched the worker.
func noteGaps(ctx context.Context, n notebook) {
	for last := time.Now(); ctx.Err() == nil; last = time.Now() {
		time.Sleep(20 * time.Millisecond)
		if late := time.Since(last); late > gap {
			n.write("gap", "-", strconv.FormatInt(late.Milliseconds(), 10))
		}
	}
}
