//go:build unix

package consoledir

import (
	"path/filepath"
	"slices"
	"testing"
)

// Where a program may have made its socket does not depend on the variables of whoever
// looks for it, only the order does.
func TestDirsOf(t *testing.T) {
	one, two, none := t.TempDir(), t.TempDir(), filepath.Join(t.TempDir(), "none")
	const fallback = "/tmp/asyncio-7"
	in := func(dir string) string { return filepath.Join(dir, "asyncio") }
	for _, test := range []struct {
		name, variable, login string
		want                  []string
	}{
		{"nothing", "", none, []string{fallback}},
		{"the variable", one, none, []string{in(one), fallback}},
		{"logged in", one, one, []string{in(one), fallback}},
		{"by sudo, while logged in", "", one, []string{fallback, in(one)}},
		{"another variable than that of the login", one, two, []string{in(one), fallback, in(two)}},
		{"someone else's", "/nobody", none, []string{fallback}},
	} {
		if got := dirsOf(test.variable, fallback, test.login); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
