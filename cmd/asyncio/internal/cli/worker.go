package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/workers"
	"github.com/asyncio-go/asyncio/remote"
)

const aboutWorker = `Run a program that serves functions for other machines, with remote.Serve, and
start it again when it dies: after a second, then after twice as long each time,
up to 30 s, and again after a second once it has lived for a minute. A program
that ends with status 0 is not started again.

One copy runs as many jobs at once as Go uses cores, unless the program says
otherwise (remote.Parallel), so one is the default. Several keep jobs apart: one
that takes its process down takes fewer others with it.

The program finds the server in the environment variable ASYNCIO_NATS, which is
the URL of --nats, or the one that is set already, or nats://127.0.0.1:4222. Each
line that a copy prints is marked with its number.

Upon SIGTERM or Ctrl-C all copies get SIGTERM: they end the jobs that run, and
take no others. A second one kills them. When this command itself is killed, so
are they on Windows; on Linux they are asked to end.

Exit status: 0 all copies have ended well, with status 0, or by the signal that
they got; 1 not all have; 2 the command line makes no sense.`

const workerExamples = `  asyncio worker ./squares
  asyncio worker -n 4 ./squares --verbose
  asyncio worker --nats nats://queue.example:4222 ./squares`

// workerFlags holds the flags of worker.
type workerFlags struct {
	app    *app
	copies int
	nats   string
}

func newWorker(a *app) *cobra.Command {
	w := &workerFlags{app: a}
	cmd := &cobra.Command{
		Use: "worker PROGRAM [ARG ...]", Short: "Run copies of a worker, and start again what dies", Long: aboutWorker, Example: workerExamples, GroupID: groupRemote,
		RunE: w.run,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault // files
		},
	}
	f := cmd.Flags()
	f.SetInterspersed(false) // flags behind the program are its own
	f.IntVarP(&w.copies, "copies", "n", 1, "how many copies to run")
	natsFlag(cmd, &w.nats)
	cmd.RegisterFlagCompletionFunc("copies", cobra.NoFileCompletions)
	return cmd
}

// natsFlag adds --nats.
func natsFlag(cmd *cobra.Command, url *string) {
	cmd.Flags().StringVar(url, "nats", "", "the `URL` of the NATS server (default: ASYNCIO_NATS, or "+nats.DefaultURL+")")
	cmd.RegisterFlagCompletionFunc("nats", cobra.NoFileCompletions)
}

func (w *workerFlags) run(cmd *cobra.Command, args []string) error {
	switch {
	case len(args) == 0:
		return usageError("which program? It is one that calls remote.Serve\n" + seeHelp(cmd))
	case w.copies < 1:
		return usageError(fmt.Sprintf("-n %d: at least one copy", w.copies))
	}
	path, err := exec.LookPath(args[0])
	if err != nil {
		return noProgram(args[0], err)
	}
	w.app.signals = true
	well, err := workers.Run(workers.Program{
		Path: path, Args: args[1:], Copies: w.copies,
		Env: append(os.Environ(), remote.EnvURL+"="+cmp.Or(w.nats, os.Getenv(remote.EnvURL), nats.DefaultURL)),
	}, w.app.screen(cmd), w.app.errorScreen(cmd))
	if err == nil && !well {
		return exitError{status: statusFailed} // each copy has been told of
	}
	return err
}

// noProgram says why a program cannot be run.
func noProgram(name string, err error) error {
	switch info, failed := os.Stat(name); {
	case failed == nil && info.IsDir():
		return fmt.Errorf("%s is a folder: build its program with \"go build\", and name that", name)
	case errors.Is(err, exec.ErrDot):
		return fmt.Errorf("%s is in this folder, and not in PATH: write ./%[1]s", name)
	case errors.Is(err, exec.ErrNotFound) && failed == nil:
		return fmt.Errorf("there is no program %s in PATH: write ./%[1]s for the file in this folder", name)
	case errors.Is(err, exec.ErrNotFound):
		return fmt.Errorf("there is no program %s: name a file, as in ./%[1]s, or a program in PATH", name)
	default:
		return fmt.Errorf("the program cannot be run: %w", err)
	}
}
