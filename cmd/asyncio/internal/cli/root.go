// Package cli is the command line of asyncio.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
)

// Exit statuses. Those of a program that cannot be looked at are in package client.
const (
	statusFailed      = 1   // something went wrong
	statusUsage       = 2   // the command line makes no sense
	statusInterrupted = 130 // stopped with Ctrl-C, as shells expect it
)

// Groups of commands, in the help.
const (
	groupLook  = "look"
	groupLearn = "learn"
)

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

const about = `asyncio shows Python's asyncio for Go at work.

Of a program that runs, ps, tree, top, dump and trace show what its tasks do and
wait for, since when, and for whom; cancel asks one to end.

The tour runs a small program for each idea: concurrency, parallelism,
coroutines, the event loop, await, create_task, gather, TaskGroup, and then
cancellation, timeouts, threads and more. You see the code, in Go and in
Python, what it prints while it prints it, and a timeline of every task.`

const examples = `  asyncio tour                   all lessons, in less than a minute
  asyncio tour list              their names and numbers
  asyncio tour gather            one lesson
  asyncio tour 4 blocking        some, by number or by name
  asyncio tour --speed 5         five times as fast
  asyncio tour --pause           wait for Enter after each lesson
  asyncio tour > tour.txt        plain text, without colors

  asyncio ps                     programs that can be looked at
  asyncio top                    what their tasks do, live
  asyncio tree 4242 --awaits     who waits for whom in process 4242

  source <(asyncio completion bash)     Tab completes names; also zsh, fish, powershell`

// app is what the commands share.
type app struct {
	noColor bool
	began   bool // a command runs, so its command line made sense
}

// screen returns where a command shows its result.
func (a *app) screen(cmd *cobra.Command) *screen.Screen {
	return screen.For(cmd.OutOrStdout(), a.noColor)
}

// Main runs the command line and returns the exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{}
	root := newRoot(a)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	cmd, err := root.ExecuteContextC(ctx)
	return a.report(ctx, cmd, err, stderr)
}

func (a *app) report(ctx context.Context, cmd *cobra.Command, err error, stderr io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return 0
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "interrupted")
		return statusInterrupted
	case errors.As(err, &usage), !a.began:
		fmt.Fprintf(stderr, "%s: %v\n", cmd.CommandPath(), err)
		return statusUsage
	default:
		fmt.Fprintf(stderr, "%s: %s\n", cmd.CommandPath(), view.CleanLines(err.Error())) // it may have words of a program
		return statusOf(err)
	}
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "asyncio",
		Short:         "Python's asyncio for Go, shown at work",
		Long:          about,
		Example:       examples,
		Version:       version(),
		Args:          unknownCommand,
		SilenceErrors: true,
		SilenceUsage:  true,

		PersistentPreRun: func(*cobra.Command, []string) { a.began = true },
		RunE:             showHelp,
	}
	root.PersistentFlags().BoolVar(&a.noColor, "no-color", false, "no colors, also if the output is a terminal")
	root.SuggestionsMinimumDistance = 2
	root.SetVersionTemplate("{{.Version}}\n")
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError(flagComplaint(err) + "\n" + seeHelp(cmd))
	})
	root.AddGroup(&cobra.Group{ID: groupLook, Title: "Look at a running program:"}, &cobra.Group{ID: groupLearn, Title: "Learn:"})
	tour := newTour(a)
	tour.GroupID = groupLearn
	root.AddCommand(tour, newVersion(), newPs(a), newTree(a), newTop(a), newTrace(a), newDump(a), newCancel(a))
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if !cmd.Runnable() { // it is completion; a word after that is a shell that has no script
			cmd.Args, cmd.RunE = unknownCommand, showHelp
		}
	}
	return root
}

// flagComplaint says what is wrong with a flag, without the words of package
// strconv, which are not for people who run a program.
func flagComplaint(err error) string {
	invalid, ok := errors.AsType[*pflag.InvalidValueError](err)
	if !ok {
		return err.Error()
	}
	kind := "a number"
	if invalid.GetFlag().Value.Type() == "bool" {
		kind = "true or false"
	}
	return fmt.Sprintf("--%s %q: has to be %s", invalid.GetFlag().Name, invalid.GetValue(), kind)
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// unknownCommand says what is meant by a command that does not exist.
func unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		nearest := slices.MinFunc(near, func(a, b string) int { return likeness(args[0], a) - likeness(args[0], b) })
		text += fmt.Sprintf("; do you mean %q?", nearest)
	}
	return usageError(text + "\n" + seeHelp(cmd))
}

func seeHelp(cmd *cobra.Command) string {
	return fmt.Sprintf("%q tells more.", cmd.CommandPath()+" --help")
}

// noArguments refuses arguments, with status 2.
func noArguments(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError(fmt.Sprintf("takes no arguments, got %q", args))
	}
	return nil
}
