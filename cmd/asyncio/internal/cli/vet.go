package cli

import (
	"cmp"
	"errors"
	"io"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/govet"
	"github.com/asyncio-go/asyncio/vet"
)

const aboutVet = `Find mistakes that compile, and that show themselves late or never when the
program runs: a coroutine that is made and dropped, time.Sleep in a task, a
sync.Mutex across a suspension. Without packages, it looks at ./...

It is go vet that runs, with this program as its tool. So packages and --tags
are as there, tests are looked at as well, and what has not changed comes from
Go's cache. Each finding is a line: FILE:LINE:COLUMN: MESSAGE (asyncio-RULE).

Where a rule is wrong, a comment silences it, on its line, on the next one, or
above a function: //asyncio:ok RULE REASON

Exit status: 0; 1 there are findings, or go vet fails; 2 the command line makes
no sense.`

const vetExamples = `  asyncio vet
  asyncio vet ./internal/... --disable channel
  asyncio vet --diff
  asyncio vet --explain blocks`

// vetFlags holds the flags of vet.
type vetFlags struct {
	fix, diff, json bool
	enable, disable []string
	explain         string
	tags, dir       string
}

func newVet() *cobra.Command {
	v := &vetFlags{}
	cmd := &cobra.Command{
		Use: "vet [packages]", Short: "Find mistakes that compile", Long: aboutVet, Example: vetExamples, GroupID: groupCheck,
		RunE: v.run,
	}
	f := cmd.Flags()
	f.BoolVar(&v.fix, "fix", false, "change what is safe to change, and print what is left")
	f.BoolVar(&v.diff, "diff", false, "print what --fix would change")
	f.BoolVar(&v.json, "json", false, "print what go vet -json prints, in one object")
	f.StringSliceVar(&v.enable, "enable", nil, "look for what a `rule` does not look for by default: "+strings.Join(rulesWith(vet.Rule.Flag), ", "))
	f.StringSliceVar(&v.disable, "disable", nil, "leave a `rule` out")
	f.StringVar(&v.explain, "explain", "", "print the mistake of a `rule`, what happens at run time, and the cure")
	f.StringVar(&v.tags, "tags", "", "build `tags`, as of go vet")
	f.StringVarP(&v.dir, "directory", "C", "", "look at packages in that `directory`, as go -C does")
	all := cobra.FixedCompletions(rulesWith(func(r vet.Rule) string { return r.Name }), cobra.ShellCompDirectiveNoFileComp)
	cmd.RegisterFlagCompletionFunc("enable", cobra.FixedCompletions(rulesWith(vet.Rule.Flag), cobra.ShellCompDirectiveNoFileComp))
	cmd.RegisterFlagCompletionFunc("disable", all)
	cmd.RegisterFlagCompletionFunc("explain", all)
	return cmd
}

// rulesWith returns the names of the rules of which has returns something.
func rulesWith(has func(vet.Rule) string) (names []string) {
	for _, r := range vet.Rules() {
		if has(r) != "" {
			names = append(names, r.Name)
		}
	}
	return names
}

func (v *vetFlags) run(cmd *cobra.Command, packages []string) error {
	if v.explain != "" {
		return v.explained(cmd.OutOrStdout(), packages)
	}
	if v.json && (v.fix || v.diff) {
		return usageError("--json prints findings, and goes neither with --fix nor with --diff")
	}
	call, err := v.call(packages)
	if err != nil {
		return err
	}
	call.Stderr = cmd.ErrOrStderr()
	if v.diff {
		text, err := call.Diff(cmd.Context())
		return ended(cmd.OutOrStdout(), text, text != "", err)
	}
	if v.fix {
		if err := call.Fix(cmd.Context()); err != nil {
			return ended(cmd.OutOrStdout(), "", false, err)
		}
	}
	found, err := call.Look(cmd.Context())
	if v.json {
		return ended(cmd.OutOrStdout(), found.JSON(), !found.Empty(), err)
	}
	return ended(cmd.OutOrStdout(), found.Text(), !found.Empty(), err)
}

func (v *vetFlags) explained(w io.Writer, packages []string) error {
	r, err := vet.Find(v.explain)
	switch {
	case err != nil:
		return usageError("--explain: " + err.Error())
	case len(packages) > 0:
		return usageError("--explain looks at no packages")
	}
	_, err = io.WriteString(w, r.Explain())
	return err
}

// call returns the call of go vet that the flags describe.
func (v *vetFlags) call(packages []string) (*govet.Call, error) {
	call := &govet.Call{Dir: v.dir, Packages: packages}
	if len(packages) == 0 {
		call.Packages = []string{"./..."}
	}
	if v.tags != "" {
		call.Flags = append(call.Flags, "-tags="+v.tags)
	}
	for _, name := range v.enable {
		r, err := vet.Find(name)
		if err != nil {
			return nil, usageError("--enable: " + err.Error())
		}
		if r.Flag() != "" {
			call.Flags = append(call.Flags, "-"+r.Analyzer.Name+"."+r.Flag())
		}
	}
	for _, name := range v.disable {
		r, err := vet.Find(name)
		if err != nil {
			return nil, usageError("--disable: " + err.Error())
		}
		call.Flags = append(call.Flags, "-"+r.Analyzer.Name+"=false")
	}
	return call, nil
}

// ended prints what there is to print, and returns the error with the exit status. The go
// command has printed its own errors.
func ended(w io.Writer, text string, found bool, err error) error {
	_, failed := io.WriteString(w, text)
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exitError{status: max(exit.ExitCode(), statusFailed)}
	}
	if err == nil && failed == nil && found {
		return exitError{status: statusFailed}
	}
	return cmp.Or(err, failed)
}
