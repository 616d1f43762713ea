// Package callgrind counts the instructions of a program with valgrind's
// callgrind.
package callgrind

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrMissing says that there is no valgrind.
var ErrMissing = errors.New("there is no valgrind; Debian and Ubuntu have it in the package of that name")

// Counts are the instructions of one run: all of them, and those of the code
// that was asked for.
type Counts struct {
	All, Part int
}

// Run runs cmd under callgrind. Function part tells which code it asks for, by
// the name of the function and by the file that the source was in: the two
// differ where a call was inlined.
func Run(cmd *exec.Cmd, part func(function, file string) bool) (Counts, error) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return Counts{}, ErrMissing
	}
	dir, err := os.MkdirTemp("", "callgrind-")
	if err != nil {
		return Counts{}, err
	}
	defer os.RemoveAll(dir)
	profile := filepath.Join(dir, "profile")
	cmd.Args = append([]string{valgrind, "--tool=callgrind", "--callgrind-out-file=" + profile, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = valgrind
	cmd.Env = append(cmd.Environ(), "GODEBUG="+forValgrind(os.Getenv("GODEBUG")))
	if said, err := cmd.CombinedOutput(); err != nil {
		return Counts{}, fmt.Errorf("%w\n%s", err, said)
	}
	f, err := os.Open(profile)
	if err != nil {
		return Counts{}, err
	}
	defer f.Close()
	return read(f, part)
}

// forValgrind makes the runtime of Go do without an instruction that valgrind offers, and
// does not know where the machine lacks it; and without the signals by which it preempts
// goroutines, of which callgrind sometimes dies.
func forValgrind(settings string) string {
	if settings != "" {
		settings += ","
	}
	return settings + "cpu.rdtscp=off,asyncpreemptoff=1"
}

// profile is the state of reading one. The format is described in valgrind's
// manual, under "Callgrind Format Specification".
type profile struct {
	files, functions names
	file, function   string
	called           bool // the next line is the cost of a call, which the callee has accounted for
	counts           Counts
}

// read adds up the instructions of a profile.
func read(r io.Reader, part func(function, file string) bool) (Counts, error) {
	p := profile{files: names{}, functions: names{}}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20) // names of generic functions are long
	for lines.Scan() {
		if err := p.line(lines.Text(), part); err != nil {
			return Counts{}, err
		}
	}
	return p.counts, lines.Err()
}

func (p *profile) line(line string, part func(function, file string) bool) error {
	if line == "" {
		return nil
	}
	if strings.IndexByte("0123456789+-*", line[0]) >= 0 {
		return p.cost(line, part)
	}
	key, value, _ := strings.Cut(line, "=")
	switch key {
	case "fl", "fi", "fe":
		p.file = p.files.get(value)
	case "cfl", "cfi":
		p.files.get(value)
	case "fn":
		p.function = p.functions.get(value)
	case "cfn":
		p.functions.get(value)
	case "calls":
		p.called = true
	}
	return nil
}

// cost counts a line that holds a position and its number of instructions.
func (p *profile) cost(line string, part func(function, file string) bool) error {
	if p.called {
		p.called = false
		return nil
	}
	_, value, _ := strings.Cut(line, " ")
	n, err := strconv.Atoi(value)
	if err != nil {
		return fmt.Errorf("line %q: %w", line, err)
	}
	p.counts.All += n
	if part(p.function, p.file) {
		p.counts.Part += n
	}
	return nil
}

// names holds the names that a profile has abbreviated: "(7) name" the first
// time, then "(7)".
type names map[string]string

func (n names) get(value string) string {
	id, name, defined := strings.Cut(value, " ")
	if defined {
		n[id] = name
	}
	return n[id]
}
