package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/top"
)

const aboutTop = `Show live what the tasks of programs do, once a second.

Without a program, all that can be found are shown, also those that are started
later: tab goes from one to the next, o lists them. "?" names the keys; those that
one needs most are in the last line. It needs a terminal; ps, tree and dump do not.

--json prints what the console tells of one loop, unchanged, a line each second:
the events "state" of /v1/live.`

const topExamples = `  asyncio top
  asyncio top 4242 4250
  asyncio top tcp:127.0.0.1:7070
  asyncio top 4242 --json | jq .loop.lag`

func newTop(a *app) *cobra.Command {
	l := &look{app: a}
	cmd := l.command("top [PID|ADDRESS ...]", "Show live what tasks do", aboutTop, cobra.ArbitraryArgs, func(cmd *cobra.Command, args []string) error {
		if l.json {
			return l.follow(cmd, args)
		}
		return l.top(cmd, args)
	})
	cmd.Example = topExamples
	cmd.ValidArgsFunction = func(cmd *cobra.Command, _ []string, word string) ([]string, cobra.ShellCompDirective) {
		return l.completePrograms(cmd, nil, word) // it takes any number of them
	}
	l.jsonFlag(cmd, "print what the console tells, unchanged, a line each second")
	return cmd
}

func (l *look) top(cmd *cobra.Command, args []string) error {
	var consoles []*client.Client
	for _, arg := range args { // before the terminal is asked for: these errors have a status of their own
		c, err := l.open(cmd.Context(), arg)
		if err != nil {
			return err
		}
		if _, err := l.loops(c); err != nil && l.loop != 0 {
			return err
		}
		consoles = append(consoles, c)
	}
	scr := l.app.screen(cmd)
	if !scr.Live() {
		return usageError("this draws on a terminal, and standard output is none: ps and tree print text, --json prints data")
	}
	ctx, cancel := context.WithCancel(cmd.Context())
	defer cancel()
	feed := &top.Feed{Consoles: consoles, Loop: l.loop, Token: l.secret()}
	feed.Start(ctx)
	_, err := tea.NewProgram(top.New(feed.Next, scr.Paint, scr.Color()), tea.WithContext(ctx)).Run()
	if errors.Is(err, tea.ErrInterrupted) || errors.Is(err, tea.ErrProgramKilled) && cmd.Context().Err() != nil {
		return nil // Ctrl-C is a way to leave
	}
	return err
}

// follow prints the states of a loop as they come, until the program ends.
func (l *look) follow(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError(fmt.Sprintf("--json follows one program, got %q", args))
	}
	c, err := l.one(cmd, args)
	if err != nil {
		return err
	}
	loops, err := l.loops(c)
	if err != nil {
		return err
	}
	if len(loops) > 1 {
		return usageError(fmt.Sprintf("%s has %d loops, and --json follows one: say which, as in --loop %d", c.Name(), len(loops), loops[0].ID))
	}
	err = c.Live(cmd.Context(), loops[0].ID, func(data []byte) error { return printRaw(cmd.OutOrStdout(), data) })
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}
