package workers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/subprocess"
)

// An instance is one of the copies: one process after another.
type instance struct {
	*supervisor
	number  int
	backoff backoff
	process *subprocess.Cmd // the one that runs
	lives   int
	well    bool // its last process has ended well
}

func (c *instance) run(ctx context.Context) error {
	for {
		began := time.Now()
		how, err := c.live(ctx)
		lived := time.Since(began)
		switch {
		case err != nil:
			return err
		case c.stop.IsSet():
			return c.say(ctx, how+after(lived))
		case c.well:
			return c.say(ctx, how+after(lived)+"; it is not started again")
		}
		wait := c.backoff.next(lived)
		if err := c.say(ctx, fmt.Sprintf("%s%s; it starts again in %v, at %s", how, after(lived), wait, time.Now().Add(wait).Format(time.TimeOnly))); err != nil {
			return err
		}
		if chosen, err := asyncio.Select(ctx, c.stop.OnSet(), asyncio.After(wait)); err != nil || chosen == 0 {
			return err
		}
	}
}

func after(lived time.Duration) string { return " after " + view.Span(int64(lived)) }

// live starts a process and waits until it has ended; it says how that was. The error is
// that the program cannot be started, or the end of the context. A program that could be
// started once, and cannot now, may be there again later: someone copies a new version.
func (c *instance) live(ctx context.Context) (how string, err error) {
	out, errs := c.out.writer(ctx, c.number, c.out.stdout), c.out.writer(ctx, c.number, c.out.stderr)
	p := subprocess.Command(c.program.Path, c.program.Args...)
	p.Env, p.Stdout, p.Stderr, p.ProcessGroup, p.SysProcAttr = c.program.Env, out, errs, true, dieWithParent()
	c.well = false
	if err := p.Start(ctx); err != nil {
		if c.lives == 0 || ctx.Err() != nil {
			c.failed = cmp.Or(c.failed, fmt.Errorf("the program cannot be run: %w", err))
			return "", err
		}
		return fmt.Sprintf("cannot be started: %v", err), nil
	}
	c.lives++
	c.process = p
	if c.passed != nil { // the signal came while it was started
		c.tell(c.passed)
	}
	err = p.Wait(ctx)
	c.process = nil
	if ctx.Err() != nil {
		return "", err
	}
	if err := errors.Join(out.flush(), errs.flush()); err != nil {
		return "", err
	}
	how, c.well = c.ended(p)
	return how, nil
}

// ended says how a process has ended, and whether that was well. To die of the signal that
// it was sent is what the signal is for.
func (c *instance) ended(p *subprocess.Cmd) (how string, well bool) {
	code, _ := p.ReturnCode()
	if code >= 0 {
		return fmt.Sprintf("ended with status %d", code), code == 0
	}
	sig := syscall.Signal(-code)
	return fmt.Sprintf("ended by the signal %q", sig), sig == c.passed && c.passed != os.Kill
}

// tell sends the process a signal, if one runs.
func (c *instance) tell(sig os.Signal) {
	if c.process == nil || sig != os.Kill && !passesOn {
		return
	}
	_ = c.process.Signal(sig) // it has ended meanwhile, or the next signal kills it
}

// say tells the user what becomes of the copy.
func (c *instance) say(ctx context.Context, what string) error {
	return c.out.say(ctx, c.number, what)
}
