// Command fetch fetches many URLs at once and says how each of them went.
//
//	fetch [flags] [FILE]
//
// It reads URLs from FILE, or from standard input, one a line; blank lines and
// lines that begin with # are skipped. "fetch --help" lists the flags.
//
// The exit status is 0 when all URLs were fetched, 1 when some were not, 2
// when the command line or the input is no good, and 130 when Ctrl-C cut the
// work short; what was known by then is printed all the same.
//
// # How it is made
//
// The program is a model of how work on the loop and work on goroutines go
// together in asyncio for Go:
//
//   - run.go starts a task for each URL in a group that runs a few at a time;
//   - fetch.go is such a task: an attempt with a time limit, a pause, another;
//   - only the HTTP request itself leaves the loop, through ToThread;
//   - rows, counters and the progress bar are touched by tasks only, one at a
//     time, and so need no lock.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// The exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1   // some URL was not fetched
	exitUsage       = 2   // the command line or the input is no good
	exitInterrupted = 130 // 128 and the number of SIGINT, as shells say it
)

// stdio is where a run reads and writes; tests have their own.
type stdio struct {
	in       io.Reader
	out, err io.Writer
}

func main() {
	std := stdio{os.Stdin, os.Stdout, os.Stderr}
	os.Exit(execute(context.Background(), os.Args[1:], std))
}

// execute runs the command line args and returns the exit status.
func execute(ctx context.Context, args []string, std stdio) int {
	status := exitOK
	cmd := newCommand(std, func(ctx context.Context, o options, file string) error {
		targets, err := readTargets(file, std)
		if err == nil {
			status = fetchAndReport(ctx, targets, o, std)
		}
		return err
	})
	cmd.SetArgs(append([]string{}, args...)) // for nil, cobra takes os.Args
	// What fails here has not fetched anything yet: a flag, or the input.
	if err := cmd.ExecuteContext(ctx); err != nil {
		fmt.Fprintf(std.err, "fetch: %v\nTry 'fetch --help'.\n", err)
		return exitUsage
	}
	return status
}

// fetchAndReport does the work and returns the exit status.
func fetchAndReport(ctx context.Context, targets []target, o options, std stdio) int {
	bar := newProgress(std.err, len(targets), !o.noProgress && isTerminal(std.err))
	rows, err := fetchAll(ctx, targets, o, bar)
	bar.clear()
	// What is known is printed, whatever happened.
	if err := errors.Join(err, report(std.out, rows, o.json)); err != nil {
		fmt.Fprintf(std.err, "fetch: %v\n", err)
		return exitFailed
	}
	return exitStatus(rows)
}

// isTerminal tells whether f, a reader or a writer, is a terminal.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

func newCommand(std stdio, run func(ctx context.Context, o options, file string) error) *cobra.Command {
	o := defaults
	cmd := &cobra.Command{
		Use:   "fetch [flags] [FILE]",
		Short: "Fetch many URLs at once and say how each of them went",
		Long: `Fetch many URLs at once and say how each of them went.

URLs are read from FILE, or from standard input when FILE is - or missing: one
a line; blank lines and lines that begin with # are skipped. A bad line or a
host that cannot be reached is a row with its error and does not stop the rest.

Tried again are network errors, timeouts, and the answers 429 and 5xx; after a
pause that doubles each time, or as long as the server asks for in Retry-After.

Exit status: 0 all fetched, 1 some not, 2 bad usage or input, 130 interrupted.
Ctrl-C stops the work and prints what is known; a second one just stops.`,
		Example: `  fetch urls.txt
  fetch --limit 50 --timeout 5s --retries 0 urls.txt
  grep -o 'https://[^"]*' page.html | fetch --json | jq '.[] | select(.ok | not)'`,
		Args:          cobra.MaximumNArgs(1),
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			return run(cmd.Context(), o, firstOr(args, "-"))
		},
	}
	o.bind(cmd.Flags())
	cmd.SetIn(std.in)
	cmd.SetOut(std.out)
	cmd.SetErr(std.err)
	return cmd
}

func firstOr(args []string, otherwise string) string {
	if len(args) == 0 {
		return otherwise
	}
	return args[0]
}
