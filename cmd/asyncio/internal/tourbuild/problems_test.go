package tourbuild

import (
	"slices"
	"strings"
	"testing"
)

func TestProblems(t *testing.T) {
	const output = `# github.com/asyncio-go/asyncio/lessons/gather
/tmp/x/gather.go:23:41: cannot use f() (value of type int)
	as string value
../../lessons/catalog.go:7:1: undefined: gather.Run
	more of that
gather.go:0:1: no line
/tmp/x/gather.go:1000000000000000000000:1: no number
: : :
too many errors
package github.com/asyncio-go/asyncio/lessons
	imports github.com/asyncio-go/asyncio/lessons/gather
	../../lessons/gather/gather.go:7:2: use of internal package x not allowed
`
	got := problems(output, "/tmp/x/gather.go", `/somewhere/src/lessons/gather/gather.go`)
	want := []Problem{{23, 41, "cannot use f() (value of type int)\nas string value"}, {7, 2, "use of internal package x not allowed"}}
	if !slices.Equal(got, want) {
		t.Errorf("it is %+v, want %+v", got, want)
	}
}

// The go command's words have those of an edited program in them.
func FuzzProblems(f *testing.F) {
	f.Add("x/a.go:1:2: text\n\tmore")
	f.Add("\tmore\nx/a.go:1: : \n")
	f.Add("x/a.go:")
	f.Fuzz(func(t *testing.T, output string) {
		for _, p := range problems(output, "/x/a.go") {
			if p.Line < 1 || p.Column < 0 || !strings.Contains(output, strings.SplitN(p.Text, "\n", 2)[0]) {
				t.Errorf("%q gives %+v", output, p)
			}
		}
	})
}
