package pages

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the golden files")

// The pages of two lessons, as they are drawn. -update writes them.
func TestGoldenPages(t *testing.T) {
	for _, lesson := range []string{"concurrency", "gather"} {
		for _, size := range [][2]int{{80, 24}, {80, 40}, {140, 40}} {
			name := fmt.Sprintf("%s-%dx%d.txt", lesson, size[0], size[1])
			t.Run(name, func(t *testing.T) {
				r := sit(t, few(lesson), size[0], size[1])
				pages := []string{r.page()}
				r.press("1", "n", "n", "n", "n", "n")
				pages = append(pages, r.page())
				r.press("left", "left")
				pages = append(pages, r.page())
				r.press("end")
				pages = append(pages, r.page())
				r.press("p")
				pages = append(pages, r.page())
				compare(t, name, strings.Join(pages, "\n"+strings.Repeat("=", size[0])+"\n")+"\n")
			})
		}
	}
}

// few is a tour that does not grow with the lessons.
func few(lesson string) Config {
	c := config(lesson)
	c.All = c.All[:8]
	return c
}

func TestGoldenASCII(t *testing.T) {
	c := few("parallelism")
	c.ASCII = true
	r := sit(t, c, 80, 24)
	r.press("2", "n", "n", "n", "n", "n", "n", "n")
	page := r.page()
	for _, char := range page {
		if char > '~' {
			t.Fatalf("%q in\n%s", char, page)
		}
	}
	compare(t, "ascii.txt", page+"\n")
	for _, key := range []string{"?", "g", "c", "p", "end"} {
		r.press("esc", key)
		for _, char := range r.page() {
			if char > '~' {
				t.Fatalf("after %s: %q in\n%s", key, char, r.page())
			}
		}
	}
}

func compare(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("%s is not what is drawn; go test ./internal/pages -update writes it anew:\n%s", path, got)
	}
}
