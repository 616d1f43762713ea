// Package lessons holds the programs of the tour: one folder for each, with
// the program in Go and the same one in Python.
//
// The programs are real: they import the library as a user would, and the
// tour shows the very source that it runs, which is embedded here.
package lessons

import (
	"context"
	"embed"
	"strings"

	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//go:embed */*.go */*.py
var sources embed.FS

// Lesson is one stop of the tour.
type Lesson struct {
	Number  int      // from 1
	Name    string   // a word to ask for it, and its folder
	Aliases []string // other words for it
	Title   string
	Idea    string  // what it is about, in two or three sentences
	Look    string  // what to see on the timeline
	Seconds float64 // how long it takes, roughly
	Loop    bool    // the row of the loop itself is worth seeing

	// Run runs the program. It returns when everything that the program
	// started has ended.
	Run func(ctx context.Context, env *lesson.Env) error
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

// begin is the line from which on a Go program is worth showing: what stands
// above it are the package clause and the imports.
const begin = "//tour:begin\n"

// Go returns the source of the program, without its package clause and its
// imports.
func (l Lesson) Go() string {
	_, shown, _ := strings.Cut(source(l.GoFile()), begin)
	return strings.TrimSpace(shown) + "\n"
}

// Python returns the source of the same program for Python's asyncio.
func (l Lesson) Python() string { return source(l.PythonFile()) }

// source reads an embedded file. All of them are there, or the tests of this
// package fail.
func source(name string) string {
	text, err := sources.ReadFile(name)
	if err != nil {
		panic("lessons: " + err.Error())
	}
	return string(text)
}
