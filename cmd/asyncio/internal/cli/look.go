package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// aboutAddress is in the help of all commands that look at a program.
const aboutAddress = `

The program is named by the number of its process, or by the address of its
console: unix:PATH or tcp:HOST:PORT. Without one, it is the only program that
can be found; if there are several, they are listed. The token for a console on
TCP is read from --token, or from ASYNCIO_TOKEN, where other users cannot see it.

A program has a console if it imports it,
    import _ "github.com/asyncio-go/asyncio/console"
and is started with ASYNCIO_CONSOLE=1, or =unix:PATH, or =tcp:HOST:PORT.

Exit status: 0; 1 an error; 2 the command line makes no sense; 3 there is no
such process; 4 it runs no console; 5 it is someone else's.`

// A look holds the flags of the commands that look at a program.
type look struct {
	app   *app
	token string
	loop  int
	json  bool
}

// command makes a command that looks at programs, named by up to most arguments.
func (l *look) command(use, short, long string, args cobra.PositionalArgs, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long + aboutAddress, GroupID: groupLook,
		Args: args, RunE: run, ValidArgsFunction: l.completePrograms,
	}
	cmd.Flags().StringVar(&l.token, "token", "", "the token of a console on TCP (default: ASYNCIO_TOKEN)")
	cmd.Flags().IntVar(&l.loop, "loop", 0, "the `number` of a loop, if the program has several")
	return cmd
}

// jsonFlag adds --json.
func (l *look) jsonFlag(cmd *cobra.Command, what string) {
	cmd.Flags().BoolVar(&l.json, "json", false, what)
}

// atMost refuses more arguments than that, with status 2.
func atMost(most int) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > most {
			return usageError(fmt.Sprintf("takes at most %s, got %q", view.Plural(most, "argument"), args))
		}
		return nil
	}
}

// open connects to the program that an argument names.
func (l *look) open(ctx context.Context, arg string) (*client.Client, error) {
	address, err := client.Parse(arg)
	if err != nil {
		return nil, usageError(err.Error())
	}
	return client.Open(ctx, address, l.secret())
}

func (l *look) secret() string {
	if l.token != "" {
		return l.token
	}
	return os.Getenv("ASYNCIO_TOKEN")
}

// one connects to the program that the arguments name, or to the only one there is.
func (l *look) one(cmd *cobra.Command, args []string) (*client.Client, error) {
	if len(args) > 0 {
		return l.open(cmd.Context(), args[0])
	}
	programs, err := client.Find(cmd.Context(), l.secret())
	if err != nil {
		return nil, err
	}
	switch {
	case len(programs) == 0:
		return nil, none
	case len(programs) == 1 && programs[0].Err != nil:
		return nil, programs[0].Err
	case len(programs) == 1:
		return programs[0].Client, nil
	}
	printPrograms(cmd.Context(), l.app.errorScreen(cmd), programs)
	return nil, usageError(fmt.Sprintf("there are %d programs: name one, as in \"%s %d\"", len(programs), cmd.CommandPath(), programs[0].PID))
}

// none says that there is nothing to look at.
var none = exitError{int(client.NoProcess), "there is no program of yours with a console: " + client.HowToSwitchOn}

// An exitError is an error with an exit status of its own.
type exitError struct {
	status int
	text   string
}

func (e exitError) Error() string { return e.text }

// loops returns the loops that are asked for: one, or all that run.
func (l *look) loops(c *client.Client) ([]wire.Loop, error) {
	if l.loop == 0 && len(c.Hello.Loops) > 0 {
		return c.Hello.Loops, nil
	}
	for _, loop := range c.Hello.Loops {
		if loop.ID == l.loop {
			return []wire.Loop{loop}, nil
		}
	}
	return nil, c.NoSuchLoop(l.loop)
}

// each runs a function for each loop that is asked for.
func (l *look) each(c *client.Client, fn func(loop wire.Loop) error) error {
	loops, err := l.loops(c)
	if err != nil {
		return err
	}
	for _, loop := range loops {
		if err := fn(loop); err != nil {
			return err
		}
	}
	return nil
}

// raw prints what the console answers as it came, for each loop: a document a line.
func (l *look) raw(cmd *cobra.Command, c *client.Client, path func(loop int) string) error {
	return l.each(c, func(loop wire.Loop) error {
		body, err := c.Get(cmd.Context(), path(loop.ID))
		if err != nil {
			return err
		}
		return printRaw(cmd.OutOrStdout(), body)
	})
}

func printRaw(out io.Writer, body []byte) error {
	_, err := out.Write(append(bytes.TrimRight(body, "\n"), '\n'))
	return err
}

// pages prints a page for each loop, below a head that says what it is of.
func (l *look) pages(cmd *cobra.Command, c *client.Client, page func(s *view.State, scr *screen.Screen) []string) error {
	scr, first := l.app.screen(cmd), true
	return l.each(c, func(loop wire.Loop) error {
		snapshot, err := c.Snapshot(cmd.Context(), loop.ID, 0)
		if err != nil {
			return err
		}
		s := view.Of(snapshot)
		lines := head(c, loop, s, scr)
		lines = append(lines, s.Notes(scr.Paint, scr.Limit())...)
		lines = append(lines, "")
		lines = append(lines, page(s, scr)...)
		if open := s.Open(); len(open) > 0 {
			lines = append(lines, "", scr.Paint(screen.Title, view.Plural(len(open), "warning")))
			lines = append(lines, s.Explain(scr.Paint, scr.Limit(), open)...)
		}
		if !first {
			lines = append([]string{""}, lines...)
		}
		first = false
		return printLines(scr, lines)
	})
}

// head names the program and the loop, and says how it does.
func head(c *client.Client, loop wire.Loop, s *view.State, scr *screen.Screen) []string {
	name := view.Clean(c.Name())
	if len(c.Hello.Loops) > 1 {
		name += ", " + view.Clean(loop.Name)
	}
	lines := []string{scr.Paint(screen.Title, name)}
	return append(lines, view.Wrap(s.Health(), "", scr.Limit())...)
}

func printLines(out io.Writer, lines []string) error {
	_, err := io.WriteString(out, strings.Join(lines, "\n")+"\n")
	return err
}

// printPrograms lists programs.
func printPrograms(ctx context.Context, scr *screen.Screen, programs []client.Program) error {
	return printLines(scr, programTable(ctx, programs).Lines(scr.Paint, scr.Limit()))
}

func programTable(ctx context.Context, programs []client.Program) *view.Table {
	table := view.ProgramTable()
	for _, p := range programs {
		if p.Err != nil {
			table.Rows = append(table.Rows, view.SilentProgram(p.PID, p.Err.Error()))
			continue
		}
		var loops []*wire.Snapshot
		for _, loop := range p.Client.Hello.Loops {
			if s, err := p.Client.Snapshot(ctx, loop.ID, 1); err == nil { // it may have ended since
				loops = append(loops, s)
			}
		}
		table.Rows = append(table.Rows, view.ProgramRow(&p.Client.Hello, loops))
	}
	return table
}

// completePrograms offers the programs that can be looked at, as the first argument.
func (l *look) completePrograms(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	programs, _ := client.Find(cmd.Context(), l.secret()) // a completion has no place for errors
	var offered []string
	for _, p := range programs {
		if p.Client != nil {
			offered = append(offered, fmt.Sprintf("%d\t%s", p.PID, view.Clean(p.Client.Hello.Program)))
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

// taskNumber reads the number of a task, as the tables write it.
func taskNumber(arg string) (uint64, bool) {
	n, err := strconv.ParseUint(arg, 10, 64)
	return n, err == nil && n > 0
}

// statusOf returns the exit status that an error asks for.
func statusOf(err error) int {
	if e, ok := errors.AsType[exitError](err); ok {
		return e.status
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		return int(e.Reason)
	}
	return statusFailed
}
