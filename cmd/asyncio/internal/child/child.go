// Package child runs programs that may do anything, an edited lesson or a compiler, with
// limits: of time, of what they print, of memory where the system has such a limit. When
// Run returns, they have ended, and so have the processes that they started.
package child

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// A Program is what to run, and how much it may do. A limit that is zero is none.
type Program struct {
	Path string
	Args []string
	Dir  string
	Env  []string

	Time   time.Duration // until it is ended
	Output int           // bytes that it may print, on standard output and error together
	Memory int64         // bytes of data; only where the system can limit that
	File   int64         // bytes of a file that it writes; likewise
}

// A Result is what came of a program.
type Result struct {
	Output string // of standard output and error, as it came; what is too long is cut off
	Status int    // -1 if a signal has ended it
	Ended  error  // why it was ended from outside: ErrTime, ErrOutput, or the error of the context; nil: it ended itself
}

// Why a program was ended.
var (
	ErrTime   = errors.New("it ran for too long")
	ErrOutput = errors.New("it printed too much")
)

// Run runs a program, without standard input, and waits for it. When ctx is done the
// program is ended. The error says that it could not be started.
func Run(ctx context.Context, p Program) (Result, error) {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	if p.Time > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeoutCause(ctx, p.Time, ErrTime)
		defer stop()
	}
	r, w, err := os.Pipe()
	if err != nil {
		return Result{}, err
	}
	defer r.Close()
	cmd := limited(p)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.Dir, p.Env, w, w
	family, err := start(cmd, p)
	w.Close() // the program has its own
	if err != nil {
		return Result{}, err
	}
	defer family.close()

	type printed struct {
		text string
		all  bool
	}
	output, killed := make(chan printed, 1), make(chan struct{})
	go func() {
		text, all := read(r, p.Output, func() { end(ErrOutput) })
		output <- printed{text, all}
	}()
	go func() {
		defer close(killed)
		<-ctx.Done()
		family.kill()
	}()
	_ = cmd.Wait() // the state tells more
	why := context.Cause(ctx)
	end(nil) // now for those that it has left behind
	<-killed
	_ = r.SetReadDeadline(time.Now().Add(time.Second)) // what has left the family may still hold the pipe
	out := <-output
	if why == nil && !out.all {
		why = ErrOutput // it was quicker than we
	}
	return Result{Output: out.text, Status: cmd.ProcessState.ExitCode(), Ended: why}, nil
}

// read returns what is printed, up to a limit, beyond which it calls full, once, and reads
// on: a program that cannot write does not end. All reports whether that was everything.
func read(r io.Reader, limit int, full func()) (text string, all bool) {
	if limit == 0 {
		limit = 1 << 30
	}
	var b strings.Builder
	_, _ = io.CopyN(&b, r, int64(limit))
	n, _ := io.CopyN(io.Discard, r, 1)
	if n > 0 {
		full()
		_, _ = io.Copy(io.Discard, r)
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD"), n == 0
}

// plain is the command of a program without the limits that the system keeps.
func plain(p Program) *exec.Cmd { return exec.Command(p.Path, p.Args...) }

// String says how a program that failed has ended: "status 3".
func (r Result) String() string {
	switch {
	case r.Ended != nil:
		return r.Ended.Error()
	case r.Status < 0:
		return "a signal ended it"
	}
	return fmt.Sprintf("status %d", r.Status)
}
