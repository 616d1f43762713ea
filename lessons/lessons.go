// Package lessons holds the programs of the tour: one folder for each, with
// the program in Go and the same one in Python.
//
// The programs are real: they import the library as a user would, and the
// tour shows the very source that it runs, which is embedded here.
package lessons

import (
	"context"
	"embed"
	"runtime"
	"strings"

	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//go:embed */*.go
var sources embed.FS

// Lesson is one lesson of the tour.
type Lesson struct {
	Number     int      // from 1
	Name       string   // a word to ask for it, and its folder
	Aliases    []string // other words for it
	Title      string
	Idea       string   // what it is about, in two or three sentences
	Question   Question // asked before it runs
	Conclusion string   // what the run has shown, in one to three sentences
	Try        string   // how to change it, and what to look for then
	Params     []lesson.Param
	Seconds    float64 // how long it takes, roughly
	Loop       bool    // the row of the loop itself is worth seeing
	LoopName   string  // what that row is called; "": the loop

	// NeedsProcess says that the program starts a process, so that it cannot be run
	// where there are none: in a browser.
	NeedsProcess bool

	// Run runs the program. It returns when everything that the program
	// started has ended. Its context has come from lesson.With.
	Run func(ctx context.Context) error

	// Ways are other programs for the same work, for example one step after another, or
	// on several cores. They are shown on the same time axis for comparison.
	Ways []Way
}

// A Question is asked before a lesson runs, and the run answers it.
type Question struct {
	Text    string
	Choices []string // two or three
	Right   int      // the index of the right one, with the defaults of all parameters
	Proof   string   // a piece of the output that shows it
}

// A Way is another program that does what a lesson does.
type Way struct {
	Name string
	Run  func(ctx context.Context) error
}

// All returns the lessons in the order of the tour.
func All() []Lesson {
	lessons := catalog()
	for i := range lessons {
		lessons[i].Number = i + 1
	}
	return lessons
}

// GoFile returns the path of the program, below the folder of this package.
func (l Lesson) GoFile() string { return l.Name + "/" + l.Name + ".go" }

// PythonFile returns the path of the same program for Python.
func (l Lesson) PythonFile() string { return l.Name + "/" + l.Name + ".py" }

// Go returns the program as it is shown.
func (l Lesson) Go() Source { return cut(source(sources, l.GoFile()), "//tour:") }

// Python returns the same program for Python's asyncio as it is shown. A browser's worker,
// which only runs programs, does not have it: there it is empty.
func (l Lesson) Python() Source {
	if runtime.GOOS == "js" {
		return Source{}
	}
	return cut(source(pythonSources, l.PythonFile()), "#tour:")
}

// source reads an embedded file. All of them are there, or the tests of this
// package fail.
func source(from embed.FS, name string) string {
	text, err := from.ReadFile(name)
	if err != nil {
		panic("lessons: " + err.Error())
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
