package cli

import (
	"context"
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/inspect"
)

const aboutJobs = `Show the jobs of package remote on a NATS server: what is queued and runs, who
works, and what has failed.

  WAITING  jobs that no worker has got yet
  OLDEST   how long the first of them has waited
  HELD     jobs that workers have got: they run, or wait for another attempt
  BUSY     how many jobs a worker runs, and how many it can

What has failed for good is kept for a week with its input: "asyncio jobs retry"
queues it again, "asyncio jobs purge" removes it. The newest 100 are listed.

--json prints an object in a line: prefix, at, jobs, queue, running, workers,
failed, failures. Its fields are those of inspect.State in package
remote/inspect: more may come, none changes. Durations are nanoseconds.

Exit status: 0; 1 an error; 2 the command line makes no sense.`

const jobsExamples = `  asyncio jobs
  asyncio jobs --watch
  asyncio jobs --nats nats://queue.example:4222 --prefix reports
  asyncio jobs --json | jq '.queue[] | select(.workers == 0)'
  asyncio jobs retry --function render`

// jobsFlags holds the flags of jobs, and of the commands below it.
type jobsFlags struct {
	app          *app
	nats, prefix string
	json, watch  bool
	all          bool
	function     string
}

func newJobs(a *app) *cobra.Command {
	j := &jobsFlags{app: a}
	cmd := &cobra.Command{
		Use: "jobs", Short: "Show what is queued, runs and has failed", Long: aboutJobs, Example: jobsExamples, GroupID: groupRemote,
		Args: j.nothingElse, RunE: j.run,
	}
	j.flags(cmd, "print an object in a line")
	cmd.Flags().BoolVarP(&j.watch, "watch", "w", false, "show it anew each second")
	cmd.SuggestionsMinimumDistance = 2
	cmd.AddCommand(newRetry(a), newPurge(a))
	return cmd
}

// nothingElse refuses what is no command below jobs.
func (j *jobsFlags) nothingElse(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return j.app.unknownCommand(cmd, args)
	}
	return nil
}

// flags adds the flags that all commands about jobs have.
func (j *jobsFlags) flags(cmd *cobra.Command, json string) {
	natsFlag(cmd, &j.nats)
	cmd.Flags().StringVar(&j.prefix, "prefix", "asyncio", "the `name` that streams begin with, as of remote.Prefix")
	cmd.Flags().BoolVar(&j.json, "json", false, json)
	cmd.RegisterFlagCompletionFunc("prefix", cobra.NoFileCompletions)
}

// dial connects to the server. The caller closes the connection.
func (j *jobsFlags) dial(ctx context.Context) (*nats.Conn, error) {
	return asyncio.RunValue(ctx, func(ctx context.Context) (*nats.Conn, error) {
		return remote.Dial(ctx, j.nats, nats.Name("asyncio jobs"))
	})
}

func (j *jobsFlags) run(cmd *cobra.Command, _ []string) error {
	scr := j.app.screen(cmd)
	if j.watch && !j.json && !scr.Live() {
		return usageError("--watch draws on a terminal, and standard output is none: leave it out, or add --json")
	}
	nc, err := j.dial(cmd.Context())
	if err != nil {
		return err
	}
	defer nc.Close()
	show := func(s *inspect.State) error { return printLines(scr, view.Jobs(s, scr.Paint, scr.Limit())) }
	if j.json {
		show = func(s *inspect.State) error { return printJSON(cmd, s) }
	}
	if j.watch && !j.json {
		return j.draw(cmd.Context(), nc, scr)
	}
	for {
		s, err := inspect.Read(cmd.Context(), nc, j.prefix)
		if err == nil {
			err = show(&s)
		}
		if !j.watch || err != nil || !pause(cmd.Context()) {
			return ifWatching(cmd.Context(), j.watch, err)
		}
	}
}

// ifWatching makes Ctrl-C a way to leave.
func ifWatching(ctx context.Context, watching bool, err error) error {
	if watching && ctx.Err() != nil {
		return nil
	}
	return err
}

// draw draws the tables anew each second. An error of the server is drawn as well: it may
// be there again a second later.
func (j *jobsFlags) draw(ctx context.Context, nc *nats.Conn, scr *screen.Screen) error {
	live := scr.StartLive()
	for {
		s, err := inspect.Read(ctx, nc, j.prefix)
		if ctx.Err() != nil {
			return live.End()
		}
		lines := view.Wrap(scr.Paint(screen.Bad, view.Clean(errorText(err))), "", scr.Limit())
		if err == nil {
			lines = view.Jobs(&s, scr.Paint, scr.Limit())
		}
		live.Draw(lines)
		if !pause(ctx) {
			return live.End()
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// pause waits until the next picture is due, and reports whether there will be one.
func pause(ctx context.Context) bool {
	select {
	case <-time.After(time.Second):
		return true
	case <-ctx.Done():
		return false
	}
}

func printJSON(cmd *cobra.Command, v any) error {
	text, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return printRaw(cmd.OutOrStdout(), text)
}
