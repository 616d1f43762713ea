// Package tourbuild builds programs from the sources that this command was built from,
// with the Go toolchain of the reader's machine: a lesson that was edited, and the lessons
// for the browser.
package tourbuild

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/child"
	"github.com/asyncio-go/asyncio/lessons"
)

const (
	command = "github.com/asyncio-go/asyncio/cmd/asyncio/internal"
	library = "github.com/asyncio-go/asyncio"

	buildTime   = 5 * time.Minute // the first build is of everything, on a machine that is busy perhaps
	buildOutput = 64 << 10
)

// A Source is the sources of this command, and the toolchain. Its methods may be called
// on any goroutine.
type Source struct {
	golang  string // the go command
	module  string // the folder of the command's module, in which it is built
	lessons string // the folder of package lessons
	copied  string // "", or a folder that has copies of both
	env     []string
}

// Find returns the sources, if this machine has them as they were when this command was
// built, and a Go toolchain. It takes as long as the go command does to start. The error
// is a sentence that says what is missing.
func Find(ctx context.Context) (*Source, error) {
	golang, err := exec.LookPath("go")
	if err != nil {
		return nil, errors.New("there is no Go toolchain on this machine: install Go, from go.dev/dl, and start the tour again")
	}
	root := filepath.Dir(filepath.Dir(fileOf(lessons.All)))
	module := filepath.Dir(filepath.Dir(filepath.Dir(fileOf(Find))))
	if !filepath.IsAbs(root) || !filepath.IsAbs(module) {
		return nil, errors.New("this command does not know where its sources are, as it was built with -trimpath: run it in a clone, go run ./cmd/asyncio tour --web")
	}
	s := &Source{golang: golang, module: module, lessons: filepath.Join(root, "lessons"), env: environment()}
	if err := s.check(); err != nil {
		return nil, err
	}
	if isCached(root) || isCached(module) {
		if err := s.copy(ctx, root); err != nil {
			s.Close()
			return nil, err
		}
	}
	if err := s.try(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close removes what Find has made.
func (s *Source) Close() {
	if s.copied != "" {
		_ = os.RemoveAll(s.copied)
	}
}

// fileOf returns the file that a function is in.
func fileOf(function any) string {
	pc := reflect.ValueOf(function).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	return filepath.FromSlash(file)
}

// environment is that of the go command. What it needs is there, for this command was
// built from it, so it asks no one over the network.
func environment() []string {
	return append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOPROXY=off", "GOTOOLCHAIN=local")
}

// check returns an error if the sources are not those that this command was built from:
// then it would show a program and run another one.
func (s *Source) check() error {
	for _, l := range lessons.All() {
		file := filepath.Join(s.lessons, filepath.FromSlash(l.GoFile()))
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("the sources of this command are not there any more (%w): run it in a clone, go run ./cmd/asyncio tour --web", err)
		}
		if string(bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))) != l.File() {
			return fmt.Errorf("%s has changed since this command was built: build it again", file)
		}
	}
	return nil
}

// try finds out whether the toolchain can load the sources, and finds the same ones.
func (s *Source) try(ctx context.Context) error {
	r, err := s.run(ctx, "list", "-f", "{{.Dir}}", library+"/lessons")
	if err != nil {
		return err
	}
	dir := lastLine(r.Output) // others may say what the go command unpacks
	switch {
	case r.Ended != nil || r.Status != 0:
		return fmt.Errorf("the Go toolchain cannot build the lessons: %s (%v)", strings.TrimSpace(r.Output), r)
	case !sameFolder(dir, s.lessons):
		return fmt.Errorf("the Go toolchain finds the lessons in %s, and this command was built from %s: start it from there", dir, s.lessons)
	}
	return nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return strings.TrimSpace(text[strings.LastIndexByte(text, '\n')+1:])
}

func sameFolder(a, b string) bool {
	one, err1 := os.Stat(a)
	other, err2 := os.Stat(b)
	return err1 == nil && err2 == nil && os.SameFile(one, other)
}

// run runs the go command.
func (s *Source) run(ctx context.Context, args ...string) (child.Result, error) {
	return child.Run(ctx, child.Program{
		Path: s.golang, Args: args, Dir: s.module, Env: s.env,
		Time: buildTime, Output: buildOutput,
	})
}
