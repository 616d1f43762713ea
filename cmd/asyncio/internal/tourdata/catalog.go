// Package tourdata makes the data of the tour's page: the lessons and their recordings,
// as JSON. The server uses it, the static site, and the program in the site's worker.
package tourdata

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

// Version is that of the format.
const Version = 1

// A Catalog is all lessons.
type Catalog struct {
	Version    int      `json:"version"`
	Lessons    []Lesson `json:"lessons"`
	CanEdit    bool     `json:"canEdit"`
	CanEditWhy string   `json:"canEditWhy"` // why not
}

// A Lesson is one of them, with its recording at the defaults of all parameters.
type Lesson struct {
	Number       int             `json:"number"`
	Name         string          `json:"name"`
	Title        string          `json:"title"`
	Idea         string          `json:"idea"`
	Question     Question        `json:"question"`
	Conclusion   string          `json:"conclusion"`
	Try          string          `json:"try"`
	Params       []lesson.Param  `json:"params"`
	Loop         bool            `json:"loop"`
	LoopName     string          `json:"loopName,omitempty"`
	Go           []string        `json:"go"` // as it is shown
	GoFocus      []int           `json:"goFocus"`
	Python       []string        `json:"python"`
	PythonFocus  []int           `json:"pythonFocus"`
	GoFile       string          `json:"goFile"`   // as it is edited, with its imports
	GoOffset     int             `json:"goOffset"` // line n of go is line n+goOffset of goFile
	NeedsProcess bool            `json:"needsProcess"`
	Recording    json.RawMessage `json:"recording"`
}

// A Question is what is asked before a lesson runs.
type Question struct {
	Text    string   `json:"text"`
	Choices []string `json:"choices"`
	Right   int      `json:"right"`
}

// New returns the lessons, each with a recording that it makes now, which takes
// milliseconds. The caller says whether programs can be edited.
func New(ctx context.Context) (*Catalog, error) {
	c := &Catalog{Version: Version}
	for _, l := range lessons.All() {
		recording, err := record(ctx, l, nil)
		if err != nil {
			return nil, fmt.Errorf("lesson %s cannot be recorded: %w", l.Name, err)
		}
		c.Lessons = append(c.Lessons, describe(l, recording))
	}
	return c, nil
}

func describe(l lessons.Lesson, recording json.RawMessage) Lesson {
	whole, offset := l.Whole()
	golang, python := l.Go(), l.Python()
	return Lesson{
		Number: l.Number, Name: l.Name, Title: l.Title, Idea: l.Idea,
		Question:   Question{l.Question.Text, orEmpty(l.Question.Choices), l.Question.Right},
		Conclusion: l.Conclusion, Try: l.Try, Params: orEmpty(l.Params), Loop: l.Loop, LoopName: l.LoopName,
		Go: golang.Lines, GoFocus: orEmpty(golang.Focus),
		Python: python.Lines, PythonFocus: orEmpty(python.Focus),
		GoFile: whole, GoOffset: offset,
		NeedsProcess: l.NeedsProcess, Recording: recording,
	}
}

// orEmpty makes a list that is not there an empty one, which JavaScript can take the
// length of.
func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
