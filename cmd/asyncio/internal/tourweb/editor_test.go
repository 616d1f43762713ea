package tourweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/child"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// compiling returns a server that compiles, and puts all files into a folder.
func compiling(t *testing.T) (s *server, folder string) {
	t.Helper()
	if testing.Short() {
		t.Skip("it compiles programs")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	folder = t.TempDir()
	t.Setenv("TMPDIR", folder)
	t.Setenv("TMP", folder)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	s = newServer(ctx, "127.0.0.1:7071", true)
	t.Cleanup(func() {
		s.Close()
		expectNothing(t, folder)
	})
	if err := s.editor.ready(); err != nil {
		t.Fatal(err)
	}
	<-s.editor.warm
	return s, folder
}

// expectNothing expects that no file of a program is left.
func expectNothing(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "asyncio-") {
			t.Errorf("%s is left", e.Name())
		}
	}
	if err != nil {
		t.Error(err)
	}
}

const beginning = "\ta := lesson.Duration("

// program returns the lesson gather with statements that come first in main, and packages
// that it imports for that.
func program(t *testing.T, statements string, imports ...string) string {
	t.Helper()
	l, err := tourdata.Find("gather")
	if err != nil {
		t.Fatal(err)
	}
	text, _ := l.Whole()
	if !strings.Contains(text, beginning) || !strings.Contains(text, "import (\n") {
		t.Fatalf("the lesson has changed:\n%s", text)
	}
	text = strings.Replace(text, beginning, "\t"+statements+"\n"+beginning, 1)
	for _, name := range imports {
		text = strings.Replace(text, "import (\n", "import (\n\t"+strconv.Quote(name)+"\n", 1)
	}
	return text
}

// sent is the request to run a program.
func sent(t *testing.T, code string) ask {
	t.Helper()
	body, err := json.Marshal(map[string]any{"lesson": "gather", "code": code})
	if err != nil {
		t.Fatal(err)
	}
	return post("/tour/edit", string(body))
}

type answer struct {
	edited
	code int
}

func answerOf(t *testing.T, w *httptest.ResponseRecorder) answer {
	t.Helper()
	a := answer{code: w.Code}
	if err := json.Unmarshal(w.Body.Bytes(), &a.edited); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return a
}

func TestEdit(t *testing.T) {
	s, folder := compiling(t)
	code := program(t, `fmt.Println("past the lesson"); lesson.Println(ctx, "in the lesson")`, "fmt")
	a := answerOf(t, sent(t, code).to(s))
	expectNothing(t, folder)
	if a.code != 200 || a.Error != "" || len(a.Errors) > 0 || a.Output != "past the lesson\n" {
		t.Fatalf("it is %+v", a)
	}
	var r struct {
		Events []struct {
			K, Text string
			Line    int
		}
	}
	if err := json.Unmarshal(a.Recording, &r); err != nil {
		t.Fatal(err)
	}
	want := strings.Count(code[:strings.Index(code, `fmt.Println("past`)], "\n") + 1
	for _, e := range r.Events {
		if e.K == "print" && e.Text == "in the lesson" && e.Line == want {
			return
		}
	}
	t.Errorf("the line is not in the recording, with the number %d that it has in the file: %s", want, a.Recording)
}

func TestEditWithValues(t *testing.T) {
	s, _ := compiling(t)
	body, err := json.Marshal(map[string]any{"lesson": "gather", "code": program(t, ""), "values": map[string]string{"A": "4s"}})
	if err != nil {
		t.Fatal(err)
	}
	if a := answerOf(t, post("/tour/edit", string(body)).to(s)); !strings.Contains(string(a.Recording), `"length":4000000000`) {
		t.Errorf("it is %+v", a)
	}
}

func TestProgramsThatDoNotCompile(t *testing.T) {
	s, folder := compiling(t)
	code := program(t, "undefined()")
	a := answerOf(t, sent(t, code).to(s))
	want := strings.Count(code[:strings.Index(code, "undefined()")], "\n") + 1
	if len(a.Errors) != 1 || a.Errors[0].Line != want || a.Errors[0].Column != 2 || a.Errors[0].Text != "undefined: undefined" || a.Recording != nil {
		t.Errorf("it is %+v, want line %d", a, want)
	}
	if a := answerOf(t, sent(t, "").to(s)); len(a.Errors) == 0 && a.Error == "" {
		t.Errorf("no program at all is %+v", a)
	}
	expectNothing(t, folder)
}

// wrong are statements of programs that go wrong, and what is said then.
var wrong = []struct{ name, statements, says, output string }{
	{"a loop", "for ctx.Err() == nil {\n\t}", "loops for ever", ""},
	{"a loop that has no end in virtual time", "for {\n\t\tif asyncio.Sleep(ctx, 1) != nil {\n\t\t\tbreak\n\t\t}\n\t}", "more than", ""},
	{"a wait in real time", "time.Sleep(time.Hour)", "loops for ever", ""},
	{"output", `for ctx.Err() == nil {` + "\n" + `fmt.Println("more and more") }`, "print less", "more and more\n"},
	{"output in the lesson", `for ctx.Err() == nil {` + "\n" + `lesson.Println(ctx, "more and more") }`, "loops for ever", ""},
	{"a panic", `panic("this went wrong")`, "panic", ""},
	{"a panic on another goroutine", `go panic("over there"); time.Sleep(time.Second)`, "panicked", "over there"},
	{"an exit", "os.Exit(3)", "status 3", ""},
	{"an exit that says all is well", "os.Exit(0)", "ended itself", ""},
	{"a deadlock of goroutines", "select {}", "loops for ever", ""},
	{"a line that is longer than a recording may be", `lesson.Println(ctx, strings.Repeat("x", 10<<20))`, "let it do less", ""},
	{"a recording that is none", `os.WriteFile(os.Args[1], []byte("{}"), 0o600); os.Exit(0)`, "cannot be read", ""},
	{"a recording of another form", `os.WriteFile(os.Args[1], []byte("{\"version\":1,\"tasks\":3}"), 0o600); os.Exit(0)`, "cannot be read", ""},
}

// wrongProgram builds a program that does any of them: A tells which. To build each of
// them would take long.
func wrongProgram(t *testing.T, s *server) (path string) {
	t.Helper()
	var all strings.Builder
	all.WriteString("switch lesson.Duration(ctx, \"A\", 0) / time.Millisecond {\n")
	for i, c := range wrong {
		fmt.Fprintf(&all, "case %d:\n%s\n", i+1, c.statements)
	}
	all.WriteString("}")
	source, err := s.editor.find()
	if err != nil {
		t.Fatal(err)
	}
	l, err := tourdata.Find("gather")
	if err != nil {
		t.Fatal(err)
	}
	path, found, err := source.Edited(t.Context(), l, program(t, all.String(), "fmt", "os"), t.TempDir())
	if err != nil || len(found) > 0 {
		t.Fatalf("the compiler says %v, %v", found, err)
	}
	return path
}

// Such programs are ended, whatever they do, and the answer says why.
func TestProgramsThatGoWrong(t *testing.T) {
	s, _ := compiling(t)
	path := wrongProgram(t, s)
	t.Run("for ever", func(t *testing.T) {
		s.editor.time = time.Second
		eachWrong(t, s, path, true)
	})
	t.Run("at once", func(t *testing.T) {
		s.editor.time = time.Minute // for a busy machine
		eachWrong(t, s, path, false)
	})
}

// eachWrong runs the programs that loop for ever, or the others, side by side.
func eachWrong(t *testing.T, s *server, path string, ever bool) {
	for i, c := range wrong {
		if strings.Contains(c.says, "ever") != ever {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			request := tourdata.Request{Lesson: "gather", Values: map[string]string{"A": fmt.Sprintf("%dms", i+1)}}
			a, err := s.editor.record(t.Context(), path, t.TempDir(), request)
			if err != nil {
				t.Fatal(err)
			}
			said := a.Error
			if said == "" {
				said = errorIn(a.Recording)
			}
			if said == "" || !strings.Contains(said, c.says) || !strings.Contains(a.Output, c.output) {
				t.Errorf("it is %q, want %q; output: %.300s", said, c.says, a.Output)
			}
		})
	}
}

// errorIn returns how a recorded program has ended.
func errorIn(recording []byte) string {
	var r struct{ Error string }
	if err := json.Unmarshal(recording, &r); err != nil {
		return ""
	}
	return r.Error
}

// A pipe in the place of the recording is not waited for.
func TestAPipeForARecording(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such files")
	}
	s, folder := compiling(t)
	s.editor.time = time.Minute
	a := answerOf(t, sent(t, program(t, `fmt.Println(exec.Command("mkfifo", os.Args[1]).Run()); os.Exit(0)`, "fmt", "os", "os/exec")).to(s))
	if a.Output != "<nil>\n" || !strings.Contains(a.Error, "cannot be read") {
		t.Errorf("it is %+v", a)
	}
	expectNothing(t, folder)
}

func TestMemoryIsLimited(t *testing.T) {
	if runtime.GOOS != "linux" && runtime.GOOS != "windows" {
		t.Skip("this system has no such limit")
	}
	s, _ := compiling(t)
	s.editor.time = time.Minute
	a := answerOf(t, sent(t, program(t, "var all [][]byte\nfor range 1000 {\nall = append(all, bytes.Repeat([]byte{1}, 16<<20)) }\n_ = all", "bytes")).to(s))
	if a.Recording != nil || !strings.Contains(a.Error, "memory") {
		t.Errorf("it is %q: %.300s", a.Error, a.Output)
	}
}

// The limit may be met by the heap, or by the stack of another thread.
func TestMemoryIsLimitedForThreadsAsWell(t *testing.T) {
	for _, output := range []string{
		"fatal error: runtime: out of memory\n",
		"runtime/cgo: pthread_create failed: Resource temporarily unavailable\nSIGABRT: abort\n",
		"runtime: failed to create new OS thread (have 5 already; errno=11)\n",
	} {
		if said := new(editor).complaint(child.Result{Output: output, Status: 2}); !strings.Contains(said, "memory") {
			t.Errorf("%q: it is said to be %q", output, said)
		}
	}
}

// What a program knows of the machine is where programs are.
func TestProgramsDoNotSeeTheEnvironment(t *testing.T) {
	t.Setenv("ASYNCIO_TEST_SECRET", "swordfish")
	s, _ := compiling(t)
	a := answerOf(t, sent(t, program(t, `fmt.Println(os.Environ())`, "fmt", "os")).to(s))
	if a.Error != "" || strings.Contains(a.Output, "swordfish") || !strings.Contains(a.Output, "PATH=") {
		t.Errorf("it is %q: %s", a.Error, a.Output)
	}
}

func TestAChildThatIsLeftIsEnded(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no sleep")
	}
	s, _ := compiling(t)
	a := answerOf(t, sent(t, program(t,
		`cmd := exec.Command("sleep", "1000"); cmd.Stdout = os.Stdout; fmt.Println(cmd.Start(), cmd.Process.Pid)`, "fmt", "os", "os/exec")).to(s))
	text, ok := strings.CutPrefix(a.Output, "<nil> ")
	pid, err := strconv.Atoi(strings.TrimSpace(text))
	if !ok || err != nil || a.Error != "" {
		t.Fatalf("it is %+v", a)
	}
	asynctest.ExpectEnded(t, pid)
}

// running returns a program that says in a file that it runs, and never ends. It leaves the
// processor to the compiler of the next one.
func running(t *testing.T, file string) string {
	return program(t, "os.WriteFile("+strconv.Quote(file)+", []byte(fmt.Sprint(os.Getpid())), 0o600)\nfor ctx.Err() == nil {\ntime.Sleep(time.Millisecond)\n}", "fmt", "os")
}

// pidIn waits until a program runs, and returns its process.
func pidIn(t *testing.T, file string) int {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(time.Millisecond) {
		text, err := os.ReadFile(file)
		if pid, wrong := strconv.Atoi(string(text)); err == nil && wrong == nil {
			return pid
		}
		if time.Now().After(deadline) {
			t.Fatal("the program does not run")
		}
	}
}

// There is one program at a time, and it is the one that was sent last.
func TestTheNextOneEndsTheOneBefore(t *testing.T) {
	s, folder := compiling(t)
	s.editor.time = 5 * time.Minute
	file := filepath.Join(folder, "pid")
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- sent(t, running(t, file)).to(s) }()
	pid := pidIn(t, file)
	second := answerOf(t, sent(t, program(t, "")).to(s))
	w := <-first
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), errReplaced.Error()) {
		t.Errorf("the first one is %d %s", w.Code, w.Body)
	}
	if second.Recording == nil || second.Error != "" {
		t.Errorf("the second one is %+v", second)
	}
	asynctest.ExpectEnded(t, pid)
}

// Who has gone is not waited for.
func TestAClientThatHasGone(t *testing.T) {
	s, folder := compiling(t)
	s.editor.time = 5 * time.Minute
	web := httptest.NewServer(s)
	defer web.Close()
	file := filepath.Join(folder, "pid")
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	q := sent(t, running(t, file))
	r, err := http.NewRequestWithContext(ctx, "POST", web.URL+"/tour/edit", strings.NewReader(q.body))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range q.header {
		r.Header.Set(name, value)
	}
	r.Header.Set("Authorization", "Bearer "+s.door.Token())
	gone := make(chan error)
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			answer.Body.Close()
		}
		gone <- err
	}()
	pid := pidIn(t, file)
	leave()
	if err := <-gone; !errors.Is(err, context.Canceled) {
		t.Errorf("the answer is %v", err)
	}
	asynctest.ExpectEnded(t, pid)
	web.Close() // waits for the answer that nobody takes
	expectNothing(t, folder)
}

// A server that ends takes along what it has started.
func TestTheEndOfTheServer(t *testing.T) {
	s, folder := compiling(t)
	s.editor.time = 5 * time.Minute
	file := filepath.Join(folder, "pid")
	first := make(chan *httptest.ResponseRecorder)
	go func() { first <- sent(t, running(t, file)).to(s) }()
	pid := pidIn(t, file)
	s.Close()
	expectNothing(t, folder)
	if w := <-first; w.Code < 400 {
		t.Errorf("the answer is %d %s", w.Code, w.Body)
	}
	asynctest.ExpectEnded(t, pid)
}
