// The pairs of testdata: every Python program there has a Go translation,
// which must print what CPython printed, on the virtual clock and on the real
// one. Where CPython 3.13 or later is at hand, the recorded outputs are
// compared with it too.

package pairs

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/conformance/internal/python"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A program is the translation of one Python file. It prints what that prints;
// its error is what the Python file would have raised.
type program func(out io.Writer, opts ...asyncio.Option) error

// programs holds every translation under its file's name without ".py".
var programs = merge(
	basicPrograms, cancelPrograms, combinePrograms, timePrograms, syncPrograms,
	moreCallbackPrograms, moreFuturePrograms, moreTaskPrograms, moreCancelPrograms,
	moreGatherPrograms, moreWaitPrograms, moreTimeoutPrograms, moreShieldPrograms,
	moreGroupPrograms, moreHandlerPrograms, moreShutdownPrograms, moreMixedPrograms, moreSyncPrograms, moreTogetherPrograms, moreOrderPrograms,
	map[string]program{"more/passes_table": passesTable},
)

func merge(tables ...map[string]program) map[string]program {
	all := map[string]program{}
	for _, table := range tables {
		for name, p := range table {
			if all[name] != nil {
				panic("two translations of " + name)
			}
			all[name] = p
		}
	}
	return all
}

// pythonFiles lists the programs of testdata, as keys of programs.
func pythonFiles(t *testing.T) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"testdata/*.py", "testdata/more/*.py"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			names = append(names, strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(file), "testdata/"), ".py"))
		}
	}
	return names
}

// recorded returns what CPython printed.
func recorded(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", filepath.FromSlash(name)+".out"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}

func TestEveryPythonProgramHasATranslation(t *testing.T) {
	files := pythonFiles(t)
	if len(files) == 0 {
		t.Fatal("no programs in testdata")
	}
	for _, name := range files {
		if programs[name] == nil {
			t.Errorf("%s.py has no Go translation", name)
		}
	}
	for name := range programs {
		if !slices.Contains(files, name) {
			t.Errorf("the translation of %s.py has no Python program", name)
		}
	}
}

func TestPairsOnTheVirtualClock(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(programs)) {
		t.Run(name, func(t *testing.T) {
			compare(t, recorded(t, name), run(programs[name], virtual.Time()))
		})
	}
}

func TestPairsOnTheRealClock(t *testing.T) {
	mostAgree(t, slices.Sorted(maps.Keys(programs)), func(_ *testing.T, name string) string { return run(programs[name]) })
}

// mostAgree runs programs on the real clock, again where one differs from what is
// recorded. A stalled machine can let two deadlines that lie 10 ms apart pass at once,
// which changes the order of events, in CPython as well. So a program that differs
// proves nothing, and the test fails only if more than half of them do; the order
// itself is the matter of the tests on the virtual clock.
func mostAgree(t *testing.T, names []string, output func(t *testing.T, name string) string) {
	t.Helper()
	if testing.Short() {
		t.Skip("takes some seconds of sleep")
	}
	const tries = 6
	var differ atomic.Int32
	t.Run("programs", func(t *testing.T) {
		for _, name := range names {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				want, got := recorded(t, name), ""
				for range tries {
					if got = output(t, name); got == want {
						return
					}
				}
				differ.Add(1)
				t.Logf("differs %d times: %s", tries, difference(want, got))
			})
		}
	})
	if n := int(differ.Load()); n > len(names)/2 {
		t.Errorf("%d of %d programs differ each time", n, len(names))
	}
}

// run returns what p printed, what went to the exception handler, and how p
// failed if it did.
func run(p program, opts ...asyncio.Option) (output string) {
	var out bytes.Buffer
	report := func(c asyncio.ExceptionContext) { fmt.Fprintf(&out, "exception handler: %v\n", c) }
	opts = append(opts, asyncio.OnException(report))
	defer func() {
		if v := recover(); v != nil {
			output = fmt.Sprintf("%spanicked: %v\n", out.String(), v)
		}
	}()
	if err := p(&out, opts...); err != nil {
		fmt.Fprintf(&out, "failed: %v\n", err)
	}
	return out.String()
}

func compare(t *testing.T, want, got string) {
	t.Helper()
	if want != got {
		t.Error(difference(want, got))
	}
}

// difference shows where two outputs part.
func difference(want, got string) string {
	wants, gots := strings.Split(want, "\n"), strings.Split(got, "\n")
	line := 0
	for line < len(wants) && line < len(gots) && wants[line] == gots[line] {
		line++
	}
	return fmt.Sprintf("they part in line %d\n--- CPython\n%s--- Go\n%s", line+1, want, got)
}

func TestRecordedOutputIsWhatPythonPrints(t *testing.T) {
	interpreter := python.AtLeast(t, 13)
	mostAgree(t, pythonFiles(t), func(t *testing.T, name string) string { return printed(t, interpreter, name) })
}

// printed returns what CPython prints now.
func printed(t *testing.T, interpreter, name string) string {
	t.Helper()
	out := python.Output(t, "testdata", interpreter, filepath.FromSlash(name)+".py")
	return strings.ReplaceAll(string(out), "\r\n", "\n")
}
