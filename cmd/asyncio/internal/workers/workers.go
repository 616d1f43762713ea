// Package workers runs copies of a program, side by side, for as long as it is to run: it
// starts again what dies, passes signals on, and marks what each copy prints.
package workers

import (
	"cmp"
	"context"
	"errors"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// A Program is what to run, and how often.
type Program struct {
	Path   string
	Args   []string // without its name
	Env    []string
	Copies int
}

// Run runs a program until all its copies have ended for good, and reports whether all have
// ended well. A copy that ends with status 0 is not started again, and one that dies is,
// after a while. After the first signal that asks this process to end, all are asked to, the
// second kills them, and the third has its usual effect. The error says that a copy could
// not be started at all, or that nothing more can be printed.
//
// Run makes a loop of its own. It looks at signals only, and not at a context that ends
// with the first of them.
func Run(p Program, stdout, stderr *screen.Screen) (well bool, err error) {
	s := &supervisor{program: p, out: newOutput(stdout, stderr, p.Copies)}
	err = asyncio.Run(context.Background(), s.run)
	return err == nil && s.well(), cmp.Or(s.failed, err) // the first one alone: the others follow from it
}

// A supervisor runs the copies. It belongs to the loop.
type supervisor struct {
	program Program
	out     *output
	copies  []*instance
	stop    asyncio.Event // set when no copy is to be started again
	passed  os.Signal     // what the copies were told
	failed  error         // why they cannot be run
}

func (s *supervisor) run(ctx context.Context) error {
	defer catchBrokenPipes()()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		printing := tg.Go(s.print, asyncio.Name("print"))
		listening := tg.Go(s.listen, asyncio.Name("signals"))
		err := asyncio.WithTaskGroup(ctx, s.start)
		listening.Cancel()
		s.out.lines.Shutdown(false)
		_, failed := printing.Await(ctx)
		return errors.Join(err, failed)
	})
}

// start starts the copies.
func (s *supervisor) start(_ context.Context, tg *asyncio.TaskGroup) error {
	for n := range s.program.Copies {
		c := &instance{supervisor: s, number: n + 1}
		s.copies = append(s.copies, c)
		tg.Go(c.run, asyncio.Name(s.out.name(c.number)))
	}
	return nil
}

// print prints what the copies do. If that fails, they are asked to end, because what they
// have to say is lost; what they say meanwhile is dropped, so that they are not kept from
// ending.
func (s *supervisor) print(ctx context.Context) error {
	for lines, err := range s.out.lines.All(ctx) {
		switch {
		case err != nil:
			return err // a copy could not be started
		case s.failed != nil:
			continue
		}
		if err := lines.print(ctx); err != nil {
			s.failed = err
			s.pass(terminate)
		}
	}
	return nil
}

// listen tells the copies what signals ask for.
func (s *supervisor) listen(ctx context.Context) error {
	for _, err := range asyncio.Signals(ctx, signals()...) {
		switch {
		case err != nil: // all copies have ended
			return nil
		case s.passed == nil:
			s.pass(ask)
		default:
			s.pass(os.Kill)
			return nil
		}
	}
	return nil
}

// pass tells all copies to end, and starts no other.
func (s *supervisor) pass(sig os.Signal) {
	s.passed = sig
	s.stop.Set()
	for _, c := range s.copies {
		c.tell(sig)
	}
}

func (s *supervisor) well() bool {
	for _, c := range s.copies {
		if !c.well {
			return false
		}
	}
	return true
}
