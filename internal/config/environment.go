package config

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"sync"
)

// A Variable is an environment variable that turns on what another package of this
// module does, in a program that was not written for it. That package says how, in its
// init function, so that a blank import is enough; the variable is read when the first
// loop of the process is made.
type Variable struct {
	Name    string
	Package string // who imports this one gets what the variable asks for
	start   func(value string) error
}

// The variables that are read.
var (
	Console = &Variable{Name: "ASYNCIO_CONSOLE", Package: "github.com/asyncio-go/asyncio/console"}
	Trace   = &Variable{Name: "ASYNCIO_TRACE", Package: "github.com/asyncio-go/asyncio/trace"}
)

// OnStart sets the function that does what the variable asks for. It is called at most
// once, with the variable's value, before the first loop of the process runs. The error
// that it returns is written to standard error, and the program goes on. Only for
// functions called init.
func (v *Variable) OnStart(start func(value string) error) { v.start = start }

// apply does what the variable asks for, if it is set. Empty and 0 are no values, as
// for ASYNCIODEBUG.
func (v *Variable) apply(value string, errors io.Writer) {
	if cmp.Or(value, "0") == "0" {
		return
	}
	if v.start == nil {
		fmt.Fprintf(errors, "asyncio: %s=%s does nothing, for the program does not import what it turns on: add the line\n\timport _ %q\n", v.Name, value, v.Package)
		return
	}
	if err := v.start(value); err != nil {
		fmt.Fprintf(errors, "asyncio: %s=%s: %v\n", v.Name, value, err)
	}
}

var readOnce sync.Once

// ReadEnvironment does what the variables ask for, the first time it is called.
func ReadEnvironment() {
	readOnce.Do(func() {
		for _, v := range []*Variable{Trace, Console} {
			v.apply(os.Getenv(v.Name), os.Stderr)
		}
	})
}
