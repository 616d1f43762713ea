package tourweb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/child"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourbuild"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

// What a program that was edited may do.
const (
	mostTime      = 10 * time.Second // on the virtual clock a lesson takes milliseconds
	mostOutput    = 64 << 10         // bytes, besides what is recorded
	mostRecording = 4 << 20          // bytes
	mostMemory    = 512 << 20        // bytes
)

// An edit asks for a lesson to be run with another program.
type edit struct {
	tourdata.Request
	Code string `json:"code"` // the whole file
}

// An edited is what came of it: a recording, or what the compiler has found, or an error.
type edited struct {
	Recording json.RawMessage     `json:"recording,omitempty"`
	Output    string              `json:"output"` // what was printed past the lesson, and a panic
	Errors    []tourbuild.Problem `json:"errors"`
	Error     string              `json:"error,omitempty"`
}

// unreadable is said of what a program has put in the place of its recording.
const unreadable = "the recording of the program cannot be read: it has written to the file, or ended itself"

var errReplaced = errors.New("another program has come to be run, and this one was given up")

// An editor builds and runs programs, one at a time.
type editor struct {
	find func() (*tourbuild.Source, error)
	over context.CancelFunc
	warm chan struct{} // closed when the library is built, so that one program waits for that and not many
	time time.Duration

	mu   sync.Mutex
	last *turn
}

// A turn is that of one program.
type turn struct {
	giveUp context.CancelCauseFunc
	done   chan struct{}
}

// newEditor returns an editor that looks for the toolchain at once, and builds what all
// programs need.
func newEditor(ctx context.Context, allowed bool) *editor {
	ctx, over := context.WithCancel(ctx)
	e := &editor{over: over, warm: make(chan struct{}), time: mostTime}
	e.find = sync.OnceValues(func() (*tourbuild.Source, error) {
		if !allowed {
			return nil, errOff
		}
		return tourbuild.Find(ctx)
	})
	go func() {
		defer close(e.warm)
		if source, err := e.find(); err == nil {
			_ = source.Warm(ctx) // who edits a program will be told what is wrong
		}
	}()
	return e
}

// ready returns why nothing can be edited, or nil.
func (e *editor) ready() error {
	_, err := e.find()
	return err
}

// close ends what runs, and removes all files.
func (e *editor) close() {
	e.over()
	<-e.warm
	e.mu.Lock()
	last := e.last
	e.mu.Unlock()
	if last != nil {
		last.giveUp(context.Canceled)
		<-last.done
	}
	if source, err := e.find(); err == nil {
		source.Close()
	}
}

// take ends the program that runs, and returns a context for the next one, and a function
// to call when that is over. The two never overlap.
func (e *editor) take(ctx context.Context) (context.Context, func()) {
	ctx, giveUp := context.WithCancelCause(ctx)
	mine := &turn{giveUp, make(chan struct{})}
	e.mu.Lock()
	before := e.last
	e.last = mine
	e.mu.Unlock()
	if before != nil {
		before.giveUp(errReplaced)
		<-before.done
	}
	return ctx, func() { giveUp(nil); close(mine.done) }
}

// run builds a program and runs it. An error says why that could not be tried, or was
// given up; what is wrong with the program is no error.
func (e *editor) run(ctx context.Context, request edit) (*edited, error) {
	source, err := e.find()
	if err != nil {
		return nil, err
	}
	ctx, done := e.take(ctx)
	defer done()
	select {
	case <-e.warm:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	folder, err := os.MkdirTemp("", "asyncio-tour-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	answer, err := e.perform(ctx, source, folder, request)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return answer, err
}

func (e *editor) perform(ctx context.Context, source *tourbuild.Source, folder string, request edit) (*edited, error) {
	l, err := tourdata.Find(request.Lesson)
	if err != nil {
		return nil, err
	}
	program, found, err := source.Edited(ctx, l, request.Code, folder)
	switch {
	case err != nil:
		return &edited{Errors: []tourbuild.Problem{}, Error: err.Error()}, nil
	case len(found) > 0:
		return &edited{Errors: found}, nil
	}
	return e.record(ctx, program, folder, request.Request)
}

// record runs a program that was built.
func (e *editor) record(ctx context.Context, program, folder string, request tourdata.Request) (*edited, error) {
	text, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(folder, "recording.json")
	r, err := child.Run(ctx, child.Program{
		Path: program, Args: []string{file, string(text)}, Dir: folder, Env: environment(folder),
		Time: e.time, Output: mostOutput, Memory: mostMemory, File: mostRecording,
	})
	if err != nil {
		return nil, err
	}
	answer := &edited{Output: r.Output, Errors: []tourbuild.Problem{}}
	if answer.Error = e.complaint(r); answer.Error == "" || wasCut(r, file) {
		answer.Recording, answer.Error = recordingIn(file)
	}
	return answer, nil
}

// environment returns the environment of a program: only where programs are, so that it
// can start a child, and where to write files. Other variables of this process may be
// secret.
func environment(folder string) []string {
	env := []string{"TMPDIR=" + folder, "TMP=" + folder, "TEMP=" + folder, "HOME=" + folder, "GOMEMLIMIT=256MiB"}
	for _, name := range []string{"PATH", "SystemRoot", "PATHEXT", "LANG", "TZ"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}

// complaint says how a program has ended, if it has not ended normally.
func (e *editor) complaint(r child.Result) string {
	switch {
	case errors.Is(r.Ended, child.ErrTime):
		return fmt.Sprintf("the program was ended after %v: perhaps it loops for ever, or waits with time.Sleep, which the clock of the lesson does not know", e.time)
	case errors.Is(r.Ended, child.ErrOutput):
		return fmt.Sprintf("the program was ended after %d bytes of output: print less", mostOutput)
	case r.Ended != nil:
		return r.Ended.Error()
	case r.Status == 0:
		return ""
	case tookAllMemory(r.Output):
		return fmt.Sprintf("the program was ended because it took more than %d MiB of memory", mostMemory>>20)
	case strings.Contains(r.Output, "panic: "):
		return "the program has panicked; its output says where"
	}
	return fmt.Sprintf("the program has ended itself, %v, so there is no recording of it", r)
}

// wasCut reports whether a program has failed because its recording is too long.
func wasCut(r child.Result, file string) bool {
	info, err := os.Lstat(file)
	return r.Ended == nil && err == nil && info.Mode().IsRegular() && info.Size() >= mostRecording
}

// recordingIn returns what the program has recorded, or why not.
func recordingIn(file string) (text json.RawMessage, complaint string) {
	info, err := os.Lstat(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, "the program has ended itself, status 0, so there is no recording of it"
	case err != nil || !info.Mode().IsRegular(): // to read a pipe would take for ever
		return nil, unreadable
	case info.Size() >= mostRecording:
		return nil, "the program does too much to be shown: let it do less"
	}
	text, err = os.ReadFile(file)
	var r recording.Recording
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	switch {
	case err == nil && r.Version == recording.Version && len(r.Events) > 0:
		return text, ""
	case err == nil && r.Version == 0 && r.Error != "":
		return nil, r.Error
	}
	return nil, unreadable
}

// tookAllMemory reports whether the runtime says that it gets no more memory: for the heap,
// or for the stack of another thread, whichever comes first.
func tookAllMemory(output string) bool {
	return strings.Contains(output, "fatal error: ") && strings.Contains(output, "memory") ||
		strings.Contains(output, "runtime/cgo: pthread_create failed: ") ||
		strings.Contains(output, "runtime: failed to create new OS thread")
}
