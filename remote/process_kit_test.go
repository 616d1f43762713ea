package remote_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/remote"
)

// whole makes the tests with processes go on for longer, with more of everything.
var whole = flag.Bool("remote.whole", false, "run the tests with processes in full length, for some minutes")

// seedFlag repeats a test with random moments, as far as other processes let it.
var seedFlag = flag.Uint64("remote.seed", 0, "the seed that a failing test has printed")

// times is how often a test does something.
func times(short, long int) int {
	if *whole {
		return long
	}
	return short
}

// patience is a limit against hanging for what depends on other processes.
const patience = 4 * time.Minute

// specVariable is where a process of a test reads what it is to do, as JSON.
const specVariable = "ASYNCIO_REMOTE_TEST_SPEC"

// addRole is remote.AddRole for a function that gets its spec.
func addRole[Spec any](name string, role func(ctx context.Context, spec Spec) error) {
	remote.AddRole(name, func() error {
		var spec Spec
		if err := json.Unmarshal([]byte(os.Getenv(specVariable)), &spec); err != nil {
			return err
		}
		go endWithParent()
		return role(context.Background(), spec)
	})
}

// endWithParent ends the process when the test does, however that is.
func endWithParent() {
	_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the test
	os.Exit(3)
}

// A process runs the test binary in one of its roles.
type process struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	said  *mail // lines of its standard output
	ended chan struct{}
	err   error // how it has ended
}

// startProcess starts a process, which the test ends at its end.
func startProcess(t *testing.T, role, name string, spec any) *process {
	t.Helper()
	if !haveSignals {
		t.Skip("processes cannot be stopped and continued on this system")
	}
	body, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, name: name, cmd: exec.Command(self), said: newMail(), ended: make(chan struct{})}
	p.cmd.Env = append(os.Environ(), remote.RoleVariable+"="+role, specVariable+"="+string(body))
	stdin, err := p.cmd.StdinPipe() // it ends when this one is closed: see endWithParent
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	p.cmd.Stderr = &stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			p.said.put(lines.Text())
		}
		p.said.close()
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.kill()
		_ = stdin.Close() // the process has ended
		if t.Failed() && stderr.Len() > 0 {
			t.Logf("%s said:\n%s", name, stderr.String())
		}
	})
	return p
}

// line waits for a line that begins with a word, and returns the rest.
func (p *process) line(word string) string {
	p.t.Helper()
	rest, ok := p.said.wait(word, patience)
	if !ok {
		p.t.Fatalf("%s does not say %q; it said %q", p.name, word, p.said.all())
	}
	return rest
}

// kill ends the process as a power cut does, and waits for its end.
func (p *process) kill() {
	_ = p.cmd.Process.Kill() // it may have ended
	<-p.ended
}

func (p *process) signal(send func(*os.Process) error) {
	p.t.Helper()
	if err := send(p.cmd.Process); err != nil && !errors.Is(err, os.ErrProcessDone) { // wait tells how it has ended
		p.t.Errorf("%s: %v", p.name, err)
	}
}

func (p *process) stop() { p.signal(sigstop) }
func (p *process) cont() { p.signal(sigcont) }

// terminate asks the process to end, and returns how it did.
func (p *process) terminate() error {
	p.t.Helper()
	p.signal(sigterm)
	return p.wait()
}

// wait returns how the process has ended.
func (p *process) wait() error { p.t.Helper(); return p.waitFor(patience) }

func (p *process) waitFor(most time.Duration) error {
	p.t.Helper()
	select {
	case <-p.ended:
		return p.err
	case <-time.After(most):
		p.t.Errorf("%s does not end", p.name)
		return nil
	}
}

// A mail holds lines for those who wait for some of them.
type mail struct {
	mu      sync.Mutex
	changed chan struct{} // closed with the next change
	lines   []string
	closed  bool
}

func newMail() *mail { return &mail{changed: make(chan struct{})} }

func (m *mail) put(line string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.lines = append(m.lines, line)
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *mail) close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	close(m.changed)
	m.changed = make(chan struct{})
}

func (m *mail) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.lines...)
}

// look returns the rest of the first line that begins with a word.
func (m *mail) look(word string) (rest string, ok, closed bool, changed chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, l := range m.lines {
		if rest, ok := strings.CutPrefix(l, word); ok {
			return strings.TrimSpace(rest), true, m.closed, m.changed
		}
	}
	return "", false, m.closed, m.changed
}

func (m *mail) wait(word string, most time.Duration) (string, bool) {
	limit := time.After(most)
	for {
		rest, ok, closed, changed := m.look(word)
		if ok || closed {
			return rest, ok
		}
		select {
		case <-changed:
		case <-limit:
			return "", false
		}
	}
}

// eventually polls for what only the outside world tells.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("still not after %v: %s", patience, what)
		}
	}
}

// say prints a line for the test.
func say(word string, rest ...any) { fmt.Println(append([]any{word}, rest...)...) }

// inLoop runs a coroutine with an executor, and fails if it returns an error or hangs.
func inLoop(t *testing.T, url string, main func(ctx context.Context, x *remote.Executor) error, opts ...remote.Option) {
	t.Helper()
	limit := patience
	if *whole {
		limit = 15 * time.Minute
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := asyncio.Run(ctx, func(ctx context.Context) error {
		asyncio.RunningLoop(ctx).SetExceptionHandler(func(e asyncio.ExceptionContext) { t.Errorf("reported: %s: %v", e.Message, e.Err) })
		x, err := remote.Connect(ctx, url, opts...)
		if err != nil {
			return err
		}
		defer x.Close()
		return main(ctx, x)
	})
	if err != nil {
		t.Error(err)
	}
}

// off does something that blocks, in a thread.
func off(ctx context.Context, do func()) error {
	return asyncio.ToThreadFunc(ctx, func(context.Context) error { do(); return nil })
}

// submitted are jobs that a test has submitted, with what they are to come to.
type submitted struct {
	t    *testing.T
	jobs []*remote.Job[answer]
	want []int
}

func (s *submitted) add(j *remote.Job[answer], n int) {
	s.jobs, s.want = append(s.jobs, j), append(s.want, n*n)
}

// submit submits jobs that take some time each.
func (s *submitted) submit(ctx context.Context, x *remote.Executor, f *remote.Func[task, answer], n int, takes time.Duration) error {
	for i := range n {
		j, err := f.Submit(ctx, x, task{N: i, Takes: takes}, remote.ID(fmt.Sprint("j", i)))
		if err != nil {
			return err
		}
		s.add(j, i)
	}
	return nil
}

// done is how many have ended.
func (s *submitted) done() (n int) {
	for _, j := range s.jobs {
		if j.Done() {
			n++
		}
	}
	return n
}

// untilDone waits until at least n have ended.
func (s *submitted) untilDone(ctx context.Context, n int) error {
	for s.done() < n {
		if err := asyncio.Sleep(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

// check awaits all jobs and compares what they have come to.
func (s *submitted) check(ctx context.Context) error {
	for i, j := range s.jobs {
		got, err := j.Await(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d jobs have not ended: %w", len(s.jobs)-s.done(), len(s.jobs), context.Cause(ctx))
		}
		if err != nil || got.Square != s.want[i] {
			s.t.Errorf("job %s: %v, %v; want %d", j.ID(), got, err, s.want[i])
		}
	}
	return nil
}
