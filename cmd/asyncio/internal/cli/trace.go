package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
)

const aboutTrace = `Save what a running program did: every step and wait of its tasks.

The console keeps the last events, so the past is there already: --seconds says
how much of it, and without, all that is kept is saved. With --fresh the command
waits that long first, and then saves what happened meanwhile.

A recording in the format perfetto opens at https://ui.perfetto.dev, which keeps
it in your browser; the format json is that of trace.ReadJSON, and
"asyncio view FILE.json" shows it on the console's page.`

const traceExamples = `  asyncio trace 4242
  asyncio trace 4242 -o slow.pftrace --seconds 10 --fresh
  asyncio trace -o run.json
  asyncio trace 4242 --format json -o - | jq .`

// formats are those a recording can be saved in, with what their files' names end in.
var formats = map[string]string{"perfetto": ".pftrace", "json": ".json"}

// traceFlags holds the flags of trace.
type traceFlags struct {
	look
	out, format string
	seconds     int
	fresh       bool
}

func newTrace(a *app) *cobra.Command {
	t := &traceFlags{look: look{app: a}}
	cmd := t.command("trace [PID|ADDRESS]", "Save what a program did, for Perfetto", aboutTrace, atMost(1), t.run)
	cmd.Example = traceExamples
	flags := cmd.Flags()
	flags.StringVarP(&t.out, "output", "o", "", "the `file` to write, \"-\" for standard output (default: PROGRAM-PID.pftrace)")
	flags.StringVar(&t.format, "format", "", "perfetto or json (default: json if the file is called so, else perfetto)")
	flags.IntVar(&t.seconds, "seconds", 0, "how many seconds (default: all that the console keeps)")
	flags.BoolVar(&t.fresh, "fresh", false, "wait for so many seconds first, and save those")
	t.jsonFlag(cmd, "the same as --format json")
	cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"perfetto", "json"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (t *traceFlags) run(cmd *cobra.Command, args []string) error {
	if err := t.check(cmd); err != nil {
		return err
	}
	c, err := t.one(cmd, args)
	if err != nil {
		return err
	}
	loops, err := t.loops(c)
	if err != nil {
		return err
	}
	if len(loops) > 1 {
		return usageError(fmt.Sprintf("%s has %d loops, and a recording is of one: say which, as in --loop %d", c.Name(), len(loops), loops[0].ID))
	}
	if t.fresh {
		if err := t.wait(cmd); err != nil {
			return err
		}
	}
	recording, err := c.Stream(cmd.Context(), client.Path("trace", "loop", strconv.Itoa(loops[0].ID), "seconds", strconv.Itoa(t.seconds), "format", t.format))
	if err != nil {
		return err
	}
	defer recording.Close()
	return t.save(cmd, c, recording)
}

// check settles the format, and refuses what makes no sense.
func (t *traceFlags) check(cmd *cobra.Command) error {
	if t.format == "" {
		t.format = "perfetto"
		if t.json || filepath.Ext(t.out) == ".json" {
			t.format = "json"
		}
	}
	switch out, _ := cmd.OutOrStdout().(*os.File); {
	case formats[t.format] == "":
		return usageError(fmt.Sprintf("--format %q: has to be perfetto or json", t.format))
	case t.json && t.format != "json":
		return usageError("--json --format " + t.format + ": give one of them")
	case cmd.Flags().Changed("seconds") && (t.seconds < 1 || t.seconds > 24*3600):
		return usageError(fmt.Sprintf("--seconds %d: has to be from 1 to %d, a day", t.seconds, 24*3600))
	case t.fresh && t.seconds == 0:
		return usageError("--fresh lacks the time: give --seconds as well")
	case t.out == "-" && t.format == "perfetto" && out != nil && term.IsTerminal(int(out.Fd())):
		return usageError("a recording for Perfetto is no text, and standard output is a terminal: give a file with -o, or --format json")
	}
	return nil
}

func (t *traceFlags) wait(cmd *cobra.Command) error {
	if screen.For(cmd.ErrOrStderr(), true).Live() {
		fmt.Fprintf(cmd.ErrOrStderr(), "recording for %d s ...\n", t.seconds)
	}
	select {
	case <-cmd.Context().Done():
		return cmd.Context().Err()
	case <-time.After(time.Duration(t.seconds) * time.Second):
		return nil
	}
}

// notInNames is what a file should not be called, whatever the program is.
var notInNames = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

func (t *traceFlags) save(cmd *cobra.Command, c *client.Client, recording io.Reader) error {
	if t.out == "-" {
		_, err := io.Copy(cmd.OutOrStdout(), recording)
		return err
	}
	name := t.out
	if name == "" {
		name = fmt.Sprintf("%s-%d%s", notInNames.ReplaceAllString(c.Hello.Program, "_"), c.Hello.PID, formats[t.format])
	}
	size, err := write(cmd.Context(), name, recording)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: %s", name, view.Plural(size, "byte"))
	if t.format == "perfetto" {
		text += ". Open it at https://ui.perfetto.dev"
	} else {
		text += fmt.Sprintf(". \"%s view %s\" shows it", t.app.command, name)
	}
	_, err = fmt.Fprintln(cmd.OutOrStdout(), text)
	return err
}

// write makes a file of what it reads. A file that is not whole does not stay.
func write(ctx context.Context, name string, from io.Reader) (int64, error) {
	file, err := os.Create(name)
	if err != nil {
		return 0, err
	}
	size, err := io.Copy(file, from)
	if err := errors.Join(err, file.Close()); err != nil {
		os.Remove(name) // what is wrong is said already
		if ctx.Err() != nil {
			return 0, ctx.Err()
		}
		return 0, fmt.Errorf("the recording broke off, and %s is not written: %w", name, err)
	}
	return size, nil
}
