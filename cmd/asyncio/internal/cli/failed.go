package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/remote/inspect"
)

const aboutWhich = `

ID is that of a job, as "asyncio jobs" lists it, or CLIENT.ID if several clients
have used the same. --function takes a name, or NAME=VERSION.

Exit status: 0; 1 an error, or there is no such job; 2 the command line makes no
sense.`

const aboutRetry = `Queue jobs again that have failed for good.

A job has one result for ever, so it comes back under a new id: that of the failed
one and "-retry-1", or the next number that is free. Its input is the same. A
client of the same name can attach to it.` + aboutWhich

const aboutPurge = `Remove the records of jobs that have failed for good, and their inputs. They
cannot be tried again then.` + aboutWhich

func newRetry(a *app) *cobra.Command {
	j := &jobsFlags{app: a}
	cmd := j.aboutFailed("retry", "Queue failed jobs again", aboutRetry, j.retry)
	j.flags(cmd, "print a list of objects: id, newId, client, function, version")
	return cmd
}

func newPurge(a *app) *cobra.Command {
	j := &jobsFlags{app: a}
	cmd := j.aboutFailed("purge", "Remove the records of failed jobs", aboutPurge, j.purge)
	j.flags(cmd, "print an object: removed")
	return cmd
}

// aboutFailed makes a command that does something with failed jobs.
func (j *jobsFlags) aboutFailed(name, short, long string, do func(cmd *cobra.Command, nc *nats.Conn, which []inspect.Which) error) *cobra.Command {
	cmd := &cobra.Command{
		Use: name + " ID ...|--all|--function NAME", Short: short, Long: long, ValidArgsFunction: j.completeFailed,
		Example: fmt.Sprintf("  asyncio jobs %[1]s 4NNVWXGRDXWUE1N8TN9A7O\n  asyncio jobs %[1]s --function render=2\n  asyncio jobs %[1]s --all", name),
		RunE: func(cmd *cobra.Command, args []string) error {
			which, err := j.which(cmd, args)
			if err != nil {
				return err
			}
			nc, err := j.dial(cmd.Context())
			if err != nil {
				return err
			}
			defer nc.Close()
			return do(cmd, nc, which)
		},
	}
	cmd.Flags().BoolVar(&j.all, "all", false, "all jobs that have failed")
	cmd.Flags().StringVar(&j.function, "function", "", "those of a function, `NAME` or NAME=VERSION")
	cmd.RegisterFlagCompletionFunc("function", j.completeFunction)
	return cmd
}

// which reads which jobs are meant: those that are named, or those of the one flag.
func (j *jobsFlags) which(cmd *cobra.Command, args []string) (which []inspect.Which, err error) {
	kinds := 0
	for _, said := range []bool{len(args) > 0, j.all, cmd.Flags().Changed("function")} {
		if said {
			kinds++
		}
	}
	if kinds != 1 {
		return nil, usageError(fmt.Sprintf("say which jobs: their ids, or --all, or --function NAME; %q lists them", strings.TrimSuffix(cmd.CommandPath(), " "+cmd.Name())))
	}
	if j.all {
		return []inspect.Which{{}}, nil
	}
	if len(args) == 0 {
		name, version, _ := strings.Cut(j.function, "=")
		if name == "" {
			return nil, usageError("--function needs the name of one")
		}
		return []inspect.Which{{Function: name, Version: version}}, nil
	}
	for _, arg := range args {
		client, id, ok := strings.Cut(arg, ".")
		if !ok {
			client, id = "", arg
		}
		if id == "" {
			return nil, usageError(fmt.Sprintf("%q is no id of a job", arg))
		}
		which = append(which, inspect.Which{Client: client, ID: id})
	}
	return which, nil
}

func (j *jobsFlags) retry(cmd *cobra.Command, nc *nats.Conn, which []inspect.Which) error {
	all := []inspect.Retried{}
	var err error
	for _, w := range which {
		var done []inspect.Retried
		done, err = inspect.Retry(cmd.Context(), nc, j.prefix, w)
		all = append(all, done...)
		if err == nil && len(done) == 0 {
			err = nothing(w)
		}
		if err != nil {
			break
		}
	}
	// What is queued again is told of, also if the rest is not.
	if j.json {
		if printed := printJSON(cmd, all); printed != nil {
			return printed
		}
		return err
	}
	for _, r := range all {
		fmt.Fprintf(cmd.OutOrStdout(), "%s of %s is queued again as %s\n", view.Clean(r.ID), view.Clean(r.Function), view.Clean(r.NewID))
	}
	if err == nil && len(all) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "nothing has failed")
	}
	return err
}

func (j *jobsFlags) purge(cmd *cobra.Command, nc *nats.Conn, which []inspect.Which) error {
	removed := 0
	for _, w := range which {
		n, err := inspect.Purge(cmd.Context(), nc, j.prefix, w)
		removed += n
		if err == nil && n == 0 {
			err = nothing(w)
		}
		if err != nil {
			return err
		}
	}
	if j.json {
		return printJSON(cmd, map[string]int{"removed": removed})
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s removed\n", view.Plural(removed, "failure"))
	return err
}

// nothing says that there is no such job. That there is none at all is no error.
func nothing(w inspect.Which) error {
	switch {
	case w == inspect.Which{}:
		return nil
	case w.ID == "":
		return fmt.Errorf("no %s have failed; \"asyncio jobs\" lists those that have", view.Clean(w.String()))
	default:
		return fmt.Errorf("no failed %s is there; \"asyncio jobs\" lists them", view.Clean(w.String()))
	}
}

// failures are what completions offer. They have no place for errors, and no time.
func (j *jobsFlags) failures(ctx context.Context) []inspect.Failure {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	nc, err := j.dial(ctx)
	if err != nil {
		return nil
	}
	defer nc.Close()
	s, _ := inspect.Read(ctx, nc, j.prefix) // an error leaves it empty
	return s.Failures
}

func (j *jobsFlags) completeFailed(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var offered []string
	for _, f := range j.failures(cmd.Context()) {
		if !slices.Contains(args, f.ID) {
			offered = append(offered, fmt.Sprintf("%s\t%s: %s", f.ID, f.Function, view.Clean(f.Error)))
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

func (j *jobsFlags) completeFunction(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
	var offered []string
	for _, f := range j.failures(cmd.Context()) {
		if !slices.Contains(offered, f.Function) {
			offered = append(offered, f.Function)
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}
