package tourexport_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourexport"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// most is how many bytes the whole site may send to a browser.
const most = 1_500_000

func export(t *testing.T, folder string) (files map[string][]byte, told string) {
	t.Helper()
	var out strings.Builder
	if err := tourexport.Export(t.Context(), folder, &out); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	files = map[string][]byte{}
	for _, e := range entries {
		if files[e.Name()], err = os.ReadFile(filepath.Join(folder, e.Name())); err != nil {
			t.Fatal(err)
		}
	}
	return files, out.String()
}

func TestSite(t *testing.T) {
	if testing.Short() {
		t.Skip("it builds everything for another system")
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go command")
	}
	asynctest.SkipUnderRace(t, "one goroutine packs the program, and what builds it is another process")
	tourexport.PackOnce(t)
	files, told := export(t, filepath.Join(t.TempDir(), "new", "site"))
	want := []string{".asyncio-tour", "icon.svg", "index.html", "lessons.js", "lzma.js", "tour.css", "tour.js", "tour.wasm.lzma", "wasm_exec.js", "worker.js"}
	if got := slices.Sorted(maps.Keys(files)); !slices.Equal(got, want) {
		t.Fatalf("the files are %q, want %q; it has told %q", got, want, told)
	}
	size := 0
	for name, text := range files {
		n := min(zipped(t, text), len(text))
		t.Logf("%s: %d bytes, %d for a browser", name, len(text), n)
		size += n
	}
	if size > most {
		t.Errorf("it is %d bytes, at most %d", size, most)
	}
	expectLessons(t, files["lessons.js"])
	if !bytes.Contains(files["wasm_exec.js"], []byte("globalThis.Go")) {
		t.Errorf("wasm_exec.js is %.100s", files["wasm_exec.js"])
	}

	again, _ := export(t, t.TempDir())
	for name, text := range files {
		if !bytes.Equal(text, again[name]) {
			t.Errorf("%s is another one the second time", name)
		}
	}
}

// zipped returns how many bytes a server that packs sends.
func zipped(t *testing.T, text []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(text) // a buffer takes everything
	_ = z.Close()
	return b.Len()
}

func expectLessons(t *testing.T, script []byte) {
	t.Helper()
	text, ok := strings.CutPrefix(strings.TrimSuffix(string(script), ";\n"), "globalThis.asyncioLessons = ")
	var c tourdata.Catalog
	if err := json.Unmarshal([]byte(text), &c); !ok || err != nil {
		t.Fatalf("lessons.js is %.100s, %v", script, err)
	}
	if len(c.Lessons) < 14 || c.CanEdit || c.CanEditWhy == "" {
		t.Errorf("%d lessons; edit: %v, %q", len(c.Lessons), c.CanEdit, c.CanEditWhy)
	}
	for _, l := range c.Lessons {
		if len(l.Recording) < 200 {
			t.Errorf("%s: its recording is %s", l.Name, l.Recording)
		}
	}
}

// Without a toolchain the site has its recordings, and says what is missing. What an
// export with one has left is removed, and nothing else.
func TestWithoutToolchain(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	folder := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	outside := filepath.Join(filepath.Dir(folder), "outside")
	if err := os.WriteFile(outside, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	write(".asyncio-tour", "Written by asyncio tour --export, which may replace these files:\ntour.wasm.lzma\n../outside\n.\n..\n")
	write("tour.wasm.lzma", "old")
	write("mine.txt", "mine")
	files, told := export(t, folder)
	if !strings.Contains(told, "without parameters: there is no Go toolchain") {
		t.Errorf("it has told %q", told)
	}
	if files["tour.wasm.lzma"] != nil || files["mine.txt"] == nil || len(files["index.html"]) == 0 {
		t.Errorf("the files are %q", slices.Sorted(maps.Keys(files)))
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("a file outside is gone: %v", err)
	}
	expectLessons(t, files["lessons.js"])
}

// What cannot be written to is told before anything is built.
func TestFoldersThatCannotBeMade(t *testing.T) {
	folder := t.TempDir()
	file, link := filepath.Join(folder, "file"), filepath.Join(folder, "link")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	bad := []string{file, filepath.Join(file, "below")}
	if err := os.Symlink(filepath.Join(folder, "nowhere"), link); err == nil { // Windows may not let us
		bad = append(bad, link)
	}
	for _, name := range bad {
		var out strings.Builder
		err := tourexport.Export(t.Context(), name, &out)
		if err == nil || !strings.Contains(err.Error(), "name a") || out.Len() > 0 {
			t.Errorf("%s: %v; it has told %q", name, err, out.String())
		}
	}
}

func TestFoldersOfOthersAreLeftAlone(t *testing.T) {
	for name, text := range map[string]string{"index.html": "mine", ".asyncio-tour": "something else\n"} {
		folder := t.TempDir()
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := tourexport.Export(t.Context(), folder, io.Discard)
		entries, _ := os.ReadDir(folder)
		if err == nil || !strings.Contains(err.Error(), "empty or new") || len(entries) != 1 {
			t.Errorf("a folder with %s: %v, and %d files", name, err, len(entries))
		}
	}
}
