// Package cli is the command line of asyncio.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/lessons"
)

// Exit statuses. Those of a program that cannot be looked at are in package client.
const (
	statusFailed      = 1   // something went wrong
	statusUsage       = 2   // the command line makes no sense
	statusInterrupted = 130 // stopped with Ctrl-C, as shells expect it
)

// Groups of commands, in the help.
const (
	groupLook   = "look"
	groupLearn  = "learn"
	groupCheck  = "check"
	groupRemote = "remote"
)

// errInterrupted is the end of what a key has interrupted, on a terminal that does not
// make signals of keys.
var errInterrupted = errors.New("interrupted")

// usageError is a mistake in the command line.
type usageError string

func (e usageError) Error() string { return string(e) }

const about = `asyncio shows Python's asyncio for Go at work.

Of a program that runs, ps, tree, top, dump and trace show what its tasks do and
wait for, since when, and for whom; cancel asks one to end. view shows a recording.

The tour has a small program for each idea: concurrency, parallelism, coroutines,
the event loop, await, create_task, gather, TaskGroup, and then cancellation,
timeouts, threads and more. You see the code, in Go and in Python, and step through
what its tasks do, forwards and backwards.

Of your source code, vet finds mistakes that compile.

Of functions on other machines, worker runs the programs that serve them, and jobs
shows what is queued, runs and has failed.`

const examples = `  asyncio tour                   all lessons, page by page
  asyncio tour list              their names and numbers
  asyncio tour gather            one lesson
  asyncio tour 1-3 blocking      some, by number or by name
  asyncio tour --auto            goes on by itself, as for a talk
  asyncio tour > tour.txt        plain text, without colors

  asyncio ps                     programs that can be looked at
  asyncio top                    what their tasks do, live
  asyncio tree 4242 --awaits     who waits for whom in process 4242
  asyncio view run.json          a recording, in a browser

  asyncio vet ./...              mistakes in your source code
  asyncio worker -n 2 ./program  copies of a program that serves functions
  asyncio jobs                   what they have to do, and what has failed

  source <(asyncio completion bash)     Tab completes names; also zsh, fish, powershell`

// app is what the commands share.
type app struct {
	command string // what was typed to get here, for hints
	noColor bool
	began   bool // a command runs, so its command line made sense
	signals bool // the command handles signals itself, so Ctrl-C does not interrupt it
}

// screen returns where a command shows its result.
func (a *app) screen(cmd *cobra.Command) *screen.Screen {
	return screen.For(cmd.OutOrStdout(), a.noColor)
}

// errorScreen returns where a command shows what is not its result.
func (a *app) errorScreen(cmd *cobra.Command) *screen.Screen {
	return screen.For(cmd.ErrOrStderr(), a.noColor)
}

// Main runs the command line and returns the exit status.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	a := &app{command: invoked(os.Args[0])}
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
	case ctx.Err() != nil && !a.signals, errors.Is(err, errInterrupted):
		fmt.Fprintln(stderr, "interrupted")
		return statusInterrupted
	case errors.As(err, &usage), !a.began:
		fmt.Fprintf(stderr, "%s: %v\n", a.path(cmd), err)
		return statusUsage
	case err.Error() == "": // everything has been said, and the rest is the status
		return statusOf(err)
	default:
		fmt.Fprintf(stderr, "%s: %s\n", a.path(cmd), view.CleanLines(err.Error())) // it may have words of a program
		return statusOf(err)
	}
}

// path names a command in front of its errors: shortly, whatever was typed.
func (a *app) path(cmd *cobra.Command) string {
	return "asyncio" + strings.TrimPrefix(cmd.CommandPath(), a.command)
}

// named returns examples with the command as it was typed.
func (a *app) named(examples string) string {
	return strings.ReplaceAll(examples, "  asyncio ", "  "+a.command+" ")
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:           "asyncio",
		Short:         "Python's asyncio for Go, shown at work",
		Long:          about,
		Example:       a.named(examples),
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: a.command},
		Version:       version(),
		Args:          a.unknownCommand,
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
	root.AddGroup(&cobra.Group{ID: groupLook, Title: "Look at a running program, or at a recording:"}, &cobra.Group{ID: groupLearn, Title: "Learn:"}, &cobra.Group{ID: groupCheck, Title: "Check your program:"}, &cobra.Group{ID: groupRemote, Title: "Run functions on other machines:"})
	tour := newTour(a)
	tour.GroupID = groupLearn
	root.AddCommand(tour, newVersion(), newPs(a), newTree(a), newTop(a), newTrace(a), newView(a), newDump(a), newCancel(a), newVet(), newWorker(a), newJobs(a))
	root.InitDefaultCompletionCmd()
	for _, cmd := range root.Commands() {
		if !cmd.Runnable() { // it is completion; a word after that is a shell that has no script
			cmd.Args, cmd.RunE = a.unknownCommand, showHelp
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

// unknownCommand says what is meant by a command that does not exist: one with a slip in
// its name, or a lesson.
func (a *app) unknownCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	text := fmt.Sprintf("there is no command %q", args[0])
	near := cmd.SuggestionsFor(args[0])
	switch lesson, hint := a.lesson(args[0]); {
	case lesson && !cmd.HasParent():
		text += "; " + hint
	case len(near) > 0:
		nearest := slices.MinFunc(near, func(a, b string) int { return likeness(args[0], a) - likeness(args[0], b) })
		text += fmt.Sprintf("; do you mean %q?", nearest)
	case hint != "" && !cmd.HasParent():
		text += "; " + hint
	}
	return usageError(text + "\n" + seeHelp(cmd))
}

// lesson says how a lesson is played that someone asks for without saying tour, and
// whether it is one by its very name.
func (a *app) lesson(word string) (exact bool, hint string) {
	all := lessons.All()
	if word == "list" {
		return true, fmt.Sprintf("%q lists the lessons", a.command+" tour list")
	}
	if l, ok := find(all, word); ok {
		return true, fmt.Sprintf("%q plays that lesson", a.command+" tour "+l.Name)
	}
	if names := nearest(all, word); len(names) > 0 {
		return false, fmt.Sprintf("do you mean %q?", a.command+" tour "+names[0])
	}
	return false, ""
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
