package callgrind

import (
	"strings"
	"testing"
)

// TestRead reads a profile with all that matters: names that are abbreviated,
// code of another file that was inlined, and calls.
func TestRead(t *testing.T) {
	const text = `# callgrind format
positions: line
events: Ir
summary: 110

fl=(1) main.go
fn=(1) main.main
10 5
fi=(2) lib/a.go
3 20
fe=(1)
+1 2
cfi=(3) lib/b.go
cfn=(2) lib.B
calls=1 7
* 80

fl=(3)
fn=(2)
7 80
* 3
`
	got, err := read(strings.NewReader(text), func(function, file string) bool {
		return strings.HasPrefix(function, "lib.") || file == "lib/a.go"
	})
	if err != nil {
		t.Fatal(err)
	}
	if want := (Counts{All: 110, Part: 103}); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestReadNonsense(t *testing.T) {
	if _, err := read(strings.NewReader("7 many\n"), nil); err == nil {
		t.Error("a cost that is no number is no error")
	}
}
