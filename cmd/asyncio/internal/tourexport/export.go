// Package tourexport writes the tour as a static site: the page, the lessons with their
// recordings, and the lessons as a program for the browser.
package tourexport

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/lzma"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourbuild"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourweb"
)

// marker is the file that says which folders are exports. Its lines after the first are
// the names of the files that may be replaced.
const (
	marker     = ".asyncio-tour"
	markerHead = "Written by asyncio tour --export, which may replace these files:"
)

const why = "this is a static copy of the tour: run asyncio tour --web on your machine to edit programs"

// Export writes the site to a folder, which it makes, and which has to be empty, or to be
// a former export. It tells on out what it does. Where there is no Go toolchain the site
// is without the program for the browser, so parameters cannot be changed there.
func Export(ctx context.Context, folder string, out io.Writer) error {
	old, err := former(folder)
	if err != nil {
		return err
	}
	if err := prepare(folder, old); err != nil {
		return err // before a minute of work is lost
	}
	files, err := site(ctx)
	if err != nil {
		return err
	}
	switch program, err := program(ctx, out); {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		fmt.Fprintf(out, "The site is without parameters: %v\n", err)
	default:
		maps.Copy(files, program)
	}
	if err := write(folder, old, files); err != nil {
		return err
	}
	size, err := packed(files)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%s: %d files, %d kB for a browser (gzip). Open index.html, or put them on any web server.\n",
		folder, len(files), (size+999)/1000)
	return nil
}

// former returns the files that a folder has from another export.
func former(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("the folder cannot be read: name another one (%w)", err)
	}
	text, err := os.ReadFile(filepath.Join(folder, marker))
	lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(string(text), "\r\n", "\n")), "\n")
	if err != nil || lines[0] != markerHead {
		return nil, fmt.Errorf("%s has files in it that are not the tour's: name a folder that is empty or new", folder)
	}
	return lines[1:], nil
}

// site returns the files of the site that need no toolchain, by name.
func site(ctx context.Context) (map[string][]byte, error) {
	files := map[string][]byte{}
	page := tourweb.Page()
	err := fs.WalkDir(page, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[name], err = fs.ReadFile(page, name)
		return err
	})
	if err != nil {
		return nil, err
	}
	files["index.html"] = files["export.html"] // the one that has the lessons beside it
	delete(files, "export.html")
	files["lessons.js"], err = lessons(ctx)
	return files, err
}

// lessons returns the lessons as a script, which a browser may load from a file, while it
// may not read JSON from one.
func lessons(ctx context.Context) ([]byte, error) {
	catalog, err := tourdata.New(ctx)
	if err != nil {
		return nil, err
	}
	if err := fix(catalog); err != nil {
		return nil, err
	}
	catalog.CanEditWhy = why
	text, err := json.Marshal(catalog)
	return slices.Concat([]byte("globalThis.asyncioLessons = "), text, []byte(";\n")), err
}

// pack packs the program. Tests that export twice replace it, as it takes seconds.
var pack = lzma.Pack

// program returns the files that run lessons in a browser.
func program(ctx context.Context, out io.Writer) (map[string][]byte, error) {
	source, err := tourbuild.Find(ctx)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	fmt.Fprintln(out, "The lessons are built for browsers, which takes a minute the first time.")
	wasm, err := source.Wasm(ctx)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{"tour.wasm.lzma": pack(wasm.Program), "wasm_exec.js": wasm.Support}, nil
}

// zip packs a file as servers do.
func zip(text []byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	if _, err := z.Write(text); err != nil {
		return nil, err
	}
	err = z.Close()
	return b.Bytes(), err
}

// packed returns how many bytes a server that packs sends for all files.
func packed(files map[string][]byte) (size int, err error) {
	for _, text := range files {
		short, err := zip(text)
		if err != nil {
			return 0, err
		}
		size += min(len(short), len(text))
	}
	return size, nil
}

// prepare makes the folder and marks it, so that it is known at once whether that can be
// done, and the folder can be written to again if the rest fails.
func prepare(folder string, names []string) error {
	if err := os.MkdirAll(folder, 0o755); err != nil {
		return fmt.Errorf("the folder cannot be made: name another one (%w)", err)
	}
	mark := strings.Join(append([]string{markerHead}, names...), "\n") + "\n"
	if err := os.WriteFile(filepath.Join(folder, marker), []byte(mark), 0o644); err != nil {
		return fmt.Errorf("nothing can be written to the folder: name another one (%w)", err)
	}
	return nil
}

// write replaces the old files by new ones.
func write(folder string, old []string, files map[string][]byte) error {
	names := slices.Sorted(maps.Keys(files))
	if err := prepare(folder, names); err != nil {
		return err
	}
	for _, name := range old {
		if _, again := files[name]; again || name != filepath.Base(name) || name == "." || name == ".." {
			continue // a name with a folder in it was not written by us
		}
		if err := os.Remove(filepath.Join(folder, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, name := range names {
		if err := os.WriteFile(filepath.Join(folder, name), files[name], 0o644); err != nil {
			return err
		}
	}
	return nil
}
