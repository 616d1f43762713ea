package tourbuild

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/asyncio-go/asyncio/lessons"
)

// Edited builds the program that records a lesson whose file has another text, in a
// folder that holds nothing else. It returns what the compiler has found, and the path of
// the program if that is nothing. The file is replaced in the eyes of the compiler only.
func (s *Source) Edited(ctx context.Context, l lessons.Lesson, text, folder string) (program string, found []Problem, err error) {
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
	return "", nil, errors.New(withoutHeads(r.Output))
}

// Warm builds what Edited needs, so that this takes a second from then on.
func (s *Source) Warm(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "asyncio-tour-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	return s.build(ctx, "build", "-ldflags=-s -w", "-o", filepath.Join(folder, "program.exe"), command+"/tourrun")
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
