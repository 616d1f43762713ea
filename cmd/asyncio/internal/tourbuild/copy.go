package tourbuild

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// isCached reports whether a module is in the module cache: its folder has its version in
// its name. Nothing can be built there, and no file be replaced.
func isCached(folder string) bool { return strings.Contains(filepath.Base(folder), "@") }

// copy makes a folder in which both modules are beside each other as in a clone, and
// builds from there on.
func (s *Source) copy(ctx context.Context, root string) error {
	folder, err := os.MkdirTemp("", "asyncio-tour-")
	if err != nil {
		return err
	}
	s.copied = folder
	module := filepath.Join(folder, "cmd", "asyncio")
	if err := copyModule(ctx, folder, root); err != nil {
		return err
	}
	if err := copyModule(ctx, module, s.module); err != nil {
		return err
	}
	s.module, s.lessons = module, filepath.Join(folder, "lessons")
	s.env = append(s.env, "GOWORK=off")
	return s.build(ctx, "mod", "edit", "-replace="+library+"="+folder)
}

// copyModule copies what is built of a module. What is in the module cache may not be
// written to; a copy may.
func copyModule(ctx context.Context, to, from string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		name := entry.Name()
		switch {
		case err != nil:
			return err
		case entry.IsDir():
			inner := path != from
			if inner && (name == "testdata" || name == "node_modules" || strings.HasPrefix(name, ".") || isModule(path)) {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, strings.TrimPrefix(path, from)), 0o700)
		case strings.HasSuffix(name, "_test.go") || !entry.Type().IsRegular():
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, strings.TrimPrefix(path, from)), text, 0o600)
	})
}

func isModule(folder string) bool {
	_, err := os.Stat(filepath.Join(folder, "go.mod"))
	return err == nil
}
