package guide

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pieces of code into the pages of docs/guide")

const root = "../.."

// others are the pages whose code is checked by tests of their own; there, only blocks
// that name a file are compared.
var others = map[string]bool{"console.md": true, "python.md": true, "vet.md": true}

// TestPagesShowCodeThatIsCompiled compares every block of Go in the pages with the piece
// of code that it names.
func TestPagesShowCodeThatIsCompiled(t *testing.T) {
	guide, err := filepath.Glob(filepath.Join(root, "docs", "guide", "*.md"))
	if err != nil || len(guide) == 0 {
		t.Fatal("there are no pages:", err)
	}
	for _, page := range append(guide, filepath.Join(root, "adapters", "asynciohttp", "README.md")) {
		t.Run(filepath.Base(page), func(t *testing.T) { comparePage(t, page) })
	}
}

func comparePage(t *testing.T, page string) {
	old := readFile(t, page)
	new, err := filled(old, !others[filepath.Base(page)], func(file, name string) (string, error) {
		text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
		if err != nil {
			return "", err
		}
		if name == "" {
			return string(text), nil
		}
		if to, ok := strings.CutPrefix(name, "to "); ok {
			other, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(to)))
			return diff(string(text), string(other)), err
		}
		return piece(string(text), name)
	})
	switch {
	case err != nil:
		t.Error(err)
	case new == old:
	case *update:
		if err := os.WriteFile(page, []byte(new), 0o666); err != nil {
			t.Error(err)
		}
	default:
		t.Errorf("its code is not that of examples/guide any more: go test ./examples/guide -update writes it anew\n%s", firstDifference(old, new))
	}
}

var (
	named = regexp.MustCompile(`^<!-- (\S+\.\w+)(?:(?:: | (to ))(\S+))? -->$`)
	fence = regexp.MustCompile("^```")
)

// filled returns a page with the code that its blocks name. With strict, a block of Go
// that names none is an error.
func filled(page string, strict bool, code func(file, name string) (string, error)) (string, error) {
	var out strings.Builder
	lines := strings.SplitAfter(page, "\n")
	var from []string // the file and the name of the block that comes next; nil: it names none
	for i := 0; i < len(lines); i++ {
		line := strings.TrimSuffix(lines[i], "\n")
		out.WriteString(lines[i])
		if m := named.FindStringSubmatch(line); m != nil {
			from = []string{m[1], m[2] + m[3]}
			continue
		}
		if !fence.MatchString(line) {
			if from != nil {
				return "", fmt.Errorf("line %d: no block of code follows what names %s: %s", i+1, from[0], from[1])
			}
			continue
		}
		if from == nil && strict && (line == "```go" || line == "```python") {
			return "", fmt.Errorf("line %d: the block of code does not say where it comes from: put <!-- FILE: NAME --> above it, with a file that is compiled", i+1)
		}
		end := i + 1
		for end < len(lines) && !fence.MatchString(lines[end]) {
			end++
		}
		if end == len(lines) {
			return "", fmt.Errorf("line %d: the block of code has no end", i+1)
		}
		body := strings.Join(lines[i+1:end], "")
		if from != nil {
			var err error
			if body, err = code(from[0], from[1]); err != nil {
				return "", fmt.Errorf("line %d: %w", i+1, err)
			}
			from = nil
		}
		out.WriteString(body)
		out.WriteString(lines[end])
		i = end
	}
	return out.String(), nil
}

// piece returns what stands between the two comments that have the name, with the
// indentation of its first line taken away.
func piece(text, name string) (string, error) {
	var body []string
	inside, found := false, false
	for line := range strings.Lines(text) {
		switch strings.TrimSpace(line) {
		case "// ANCHOR: " + name:
			inside, found = true, true
		case "// ANCHOR_END: " + name:
			inside = false
		default:
			if inside && !strings.HasPrefix(strings.TrimSpace(line), "// ANCHOR") {
				body = append(body, line)
			}
		}
	}
	if !found || inside || len(body) == 0 {
		return "", fmt.Errorf("no piece of code is between // ANCHOR: %s and // ANCHOR_END: %s", name, name)
	}
	indent := body[0][:len(body[0])-len(strings.TrimLeft(body[0], "\t"))]
	for i, line := range body {
		body[i] = strings.TrimPrefix(line, indent)
	}
	return strings.TrimRight(strings.Join(body, ""), "\n") + "\n", nil
}

func firstDifference(old, new string) string {
	was, is := strings.Split(old, "\n"), strings.Split(new, "\n")
	for i := range was {
		if i >= len(is) || was[i] != is[i] {
			return fmt.Sprintf("line %d of the page: %q", i+1, was[i])
		}
	}
	return "the page ends too early"
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestPiece(t *testing.T) {
	text := "x\n\t// ANCHOR: a\n\tone {\n\t\t// ANCHOR: b\n\t\ttwo\n\t\t// ANCHOR_END: b\n\t}\n\t// ANCHOR_END: a\n"
	for name, want := range map[string]string{"a": "one {\n\ttwo\n}\n", "b": "two\n"} {
		if got, err := piece(text, name); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", name, got, err, want)
		}
	}
	if _, err := piece(text, "c"); err == nil {
		t.Error("a piece that is not there is no error")
	}
}

func TestFilled(t *testing.T) {
	code := func(file, name string) (string, error) { return file + " " + name + "\n", nil }
	got, err := filled("text\n<!-- a/b.go: c -->\n```go\nold\n```\n", true, code)
	if want := "text\n<!-- a/b.go: c -->\n```go\na/b.go c\n```\n"; err != nil || got != want {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	for _, bad := range []string{"```go\nx\n```\n", "<!-- a/b.go: c -->\n\ntext\n", "<!-- a/b.go: c -->\n```go\nx\n"} {
		if _, err := filled(bad, true, code); err == nil {
			t.Errorf("%q is no error", bad)
		}
	}
}
