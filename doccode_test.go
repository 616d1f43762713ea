package asyncio_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// A piece of code in a comment opens no brace that it does not close: go doc shows it
// as it stands.
func TestCodeInCommentsIsWhole(t *testing.T) {
	asynctest.SkipInOtherWorlds(t)
	err := filepath.WalkDir(".", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, code := range codeInComments(string(text)) {
			if strings.Count(code, "{") != strings.Count(code, "}") {
				t.Errorf("%s: this leaves a brace open:\n%s", path, code)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// codeInComments are the indented pieces of a file's comments. An empty line does not
// end one.
func codeInComments(text string) (pieces []string) {
	var piece strings.Builder
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "//\t"):
			piece.WriteString(line)
		case line != "//\n" && piece.Len() > 0:
			pieces = append(pieces, piece.String())
			piece.Reset()
		}
	}
	return pieces
}
