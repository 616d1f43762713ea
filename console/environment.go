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

// startByEnvironment starts what ASYNCIO_CONSOLE asks for.
func startByEnvironment(value string) error {
	c, err := parseVariable(value)
	if err == nil {
		_, err = resolve(c)
	}
	if err != nil {
		return errors.New(unprefixed(err))
	}
	v := &variable{settings: c, value: value, watched: map[*engine.Loop]func(){}}
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
	console *console
	failed  bool
	watched map[*engine.Loop]func() // how to leave them alone
}

// made opens the console with the first loop. Where that fails it says so once, and the
// program goes on: several processes may have inherited the variable, and one port can
// have one owner.
func (v *variable) made(l *engine.Loop) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed {
		return
	}
	if err := v.watch(l); err == nil {
		l.AtEnd(ending{v, l})
	} else {
		v.failed = true
		v.stopIfIdle()
		fmt.Fprintf(os.Stderr, "asyncio: ASYNCIO_CONSOLE=%s: %s\n", v.value, unprefixed(err))
	}
}

func (v *variable) watch(l *engine.Loop) (err error) {
	if v.console == nil {
		if v.console, err = open(v.settings); err != nil {
			return err
		}
	}
	detach, err := v.console.share.Attach(l)
	if err == nil {
		v.watched[l] = detach
	}
	return err
}

// An ending is told when a loop ends.
type ending struct {
	*variable
	loop *engine.Loop
}

func (e ending) LoopClosed() { e.ended(e.loop) }

// ended closes the console with the last loop.
func (v *variable) ended(l *engine.Loop) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if detach := v.watched[l]; detach != nil {
		detach()
		delete(v.watched, l)
	}
	v.stopIfIdle()
}

func (v *variable) stopIfIdle() {
	if len(v.watched) == 0 && v.console != nil {
		v.console.stop()
		v.console = nil
	}
}
