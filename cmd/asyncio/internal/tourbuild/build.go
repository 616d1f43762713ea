package tourbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"github.com/asyncio-go/asyncio/lessons"
)

// Edited builds the program that records a lesson whose file has another text, in a
// folder that holds nothing else. It returns the problems that the compiler has found or,
// if there are none, the path of the program. The file is replaced for the compiler only
// (go build -overlay).
func (s *Source) Edited(ctx context.Context, l lessons.Lesson, text, folder string) (program string, found []Problem, err error) {
	if found := head(l, text); len(found) > 0 {
		return "", found, nil
	}
	name := filepath.FromSlash(l.GoFile())
	file := filepath.Join(folder, filepath.Base(name))
	if err := os.WriteFile(file, []byte(lessons.Edited(text)), 0o600); err != nil {
		return "", nil, err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(s.lessons, name): file}})
	if err != nil {
		return "", nil, err
	}
	list := filepath.Join(folder, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o600); err != nil {
		return "", nil, err
	}
	program = filepath.Join(folder, "program.exe") // Windows wants such a name, and nobody else minds
	r, err := s.run(ctx, "build", "-ldflags=-s -w", "-overlay="+list, "-o", program, command+"/tourrun")
	switch {
	case err != nil:
		return "", nil, err
	case r.Ended != nil:
		return "", nil, fmt.Errorf("the compiler was ended: %w", r.Ended)
	case r.Status == 0:
		return program, nil, nil
	}
	if found = problems(r.Output, file, filepath.Join(s.lessons, name)); len(found) > 0 {
		return "", found, nil
	}
	if strings.Contains(r.Output, excluded) {
		return "", []Problem{{Line: 1, Text: "its build constraints leave this file out on this machine: take them away"}}, nil
	}
	return "", nil, errors.New("the tour cannot use the program any more: " + withoutHeads(r.Output))
}

// excluded is what the go command says of a folder in which no file is left.
const excluded = "build constraints exclude all Go files"

// head returns what is wrong with a file up to its package clause. The go command would
// look for the mistake in the files that import this package.
func head(l lessons.Lesson, text string) []Problem {
	files := token.NewFileSet()
	is, err := parser.ParseFile(files, "", text, parser.PackageClauseOnly)
	var wrong scanner.ErrorList
	if errors.As(err, &wrong) {
		p := wrong[0].Pos
		return []Problem{{Line: p.Line, Column: p.Column, Text: wrong[0].Msg}}
	}
	was, err := parser.ParseFile(files, "", l.File(), parser.PackageClauseOnly)
	if err != nil || is.Name.Name == was.Name.Name {
		return nil
	}
	p := files.PositionFor(is.Name.Pos(), false)
	return []Problem{{Line: p.Line, Column: p.Column, Text: "the program is package " + was.Name.Name + " of the tour: leave it that name"}}
}

// Warm compiles what Edited needs, so that this takes a second from then on. It links
// nothing, as Edited has to do that again for each text.
func (s *Source) Warm(ctx context.Context) error {
	return s.build(ctx, "build", command+"/tourdata")
}

// build runs the go command, which should find nothing.
func (s *Source) build(ctx context.Context, args ...string) error {
	r, err := s.run(ctx, args...)
	switch {
	case err != nil:
		return err
	case r.Ended != nil:
		return fmt.Errorf("go %s: %w", args[0], r.Ended)
	case r.Status != 0:
		return fmt.Errorf("go %s: %s", args[0], strings.TrimSpace(r.Output))
	}
	return nil
}
