package console

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"

	"github.com/asyncio-go/asyncio/internal/config"
	"github.com/asyncio-go/asyncio/internal/engine"
)

func init() { config.Console.OnStart(startByEnvironment) }

// startByEnvironment starts the console that ASYNCIO_CONSOLE asks for. The error says
// what to do: the value may make no sense, or a port may be in use, because several
// processes have inherited the variable. The program goes on without a console.
func startByEnvironment(value string) error {
	v, err := newVariable(value)
	if err != nil {
		return errors.New(unprefixed(err))
	}
	engine.OnNewLoop(v.made)
	return nil
}

// parseVariable reads the value of ASYNCIO_CONSOLE, which is written like an address of
// the command.
func parseVariable(value string) (*settings, error) {
	kind, rest, _ := strings.Cut(value, ":")
	var opts []Option
	switch {
	case value == "1":
	case kind == "unix" && rest != "":
		opts = append(opts, Socket(rest))
	case kind == "tcp" && rest != "":
		opts = append(opts, TCP(rest))
	default:
		return nil, fmt.Errorf("%q is no place for a console: write 1, unix:PATH or tcp:HOST:PORT, such as tcp:127.0.0.1:7070", value)
	}
	c := newSettings(opts)
	return c, c.check()
}

// unprefixed returns what an error says without the name of this package: the name of the
// variable stands before it.
func unprefixed(err error) string { return strings.TrimPrefix(err.Error(), "console: ") }

// A variable is the console that the environment has asked for. It is there as long as
// the program has a loop: nobody can stop it, and a program that has run its loops is to
// leave no goroutine and no file behind.
type variable struct {
	settings *settings
	value    string

	mu      sync.Mutex
	console *console // nil while there is no loop
	loops   int
	failed  bool
}

// newVariable opens the console before observers are told of the first loop, so that the
// console sees the loop from its first event on.
func newVariable(value string) (*variable, error) {
	c, err := parseVariable(value)
	if err != nil {
		return nil, err
	}
	v := &variable{settings: c, value: value}
	return v, v.open()
}

// open opens a console for all loops that are made from now on.
func (v *variable) open() error {
	c, err := open(v.settings)
	if err != nil {
		return err
	}
	if err := c.share.watch(nil); err != nil {
		c.stop()
		return err
	}
	v.console = c
	return nil
}

// made counts a loop. If all before it have ended, it opens the console again, for this
// loop as well.
func (v *variable) made(l *engine.Loop) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed {
		return
	}
	if v.console == nil {
		err := v.open()
		if err == nil {
			err = v.console.share.watchMade(l)
		}
		if err != nil {
			v.failed = true
			fmt.Fprintf(os.Stderr, "asyncio: ASYNCIO_CONSOLE=%s: %s\n", v.value, unprefixed(err))
			return
		}
	}
	v.loops++
	l.AtEnd(ending{v, l})
}

// An ending is told when a loop ends.
type ending struct {
	*variable
	loop *engine.Loop
}

func (e ending) LoopClosed() { e.ended() }

// ended closes the console with the last loop.
func (v *variable) ended() {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.loops--; v.loops == 0 {
		v.console.stop()
		v.console = nil
	}
}
