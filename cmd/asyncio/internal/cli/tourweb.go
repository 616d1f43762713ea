package cli

import (
	"fmt"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourexport"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourweb"
	"github.com/asyncio-go/asyncio/lessons"
)

// webFlags are the flags of the tour in a browser.
type webFlags struct {
	app                 *app
	web, noOpen, noEdit bool
	addr, export        string
}

// addWeb adds the tour in a browser to the command of the tour in the terminal.
func addWeb(cmd *cobra.Command, a *app) {
	terminal := map[string]bool{}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { terminal[f.Name] = true })
	cmd.Example += a.named("\n  asyncio tour --web gather\n  asyncio tour --export site")
	w := webFlags{app: a}
	flags := cmd.Flags()
	flags.BoolVar(&w.web, "web", false, "show the tour in a browser, where programs can be edited")
	addrFlags(flags, &w.addr, &w.noOpen, "with --web: ")
	flags.BoolVar(&w.noEdit, "no-edit", false, "with --web: compile nothing, edit nothing")
	flags.StringVar(&w.export, "export", "", "write the tour to a folder, as a static site")
	cmd.MarkFlagDirname("export")
	inTerminal := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := w.check(cmd, terminal); err != nil {
			return err
		}
		switch {
		case w.web:
			return w.serve(cmd, args)
		case cmd.Flags().Changed("export"):
			return w.write(cmd, args)
		}
		return inTerminal(cmd, args)
	}
}

// addrFlags adds the flags of what is shown in a browser. when begins what they say.
func addrFlags(flags *pflag.FlagSet, addr *string, noOpen *bool, when string) {
	flags.StringVar(addr, "addr", "127.0.0.1:0", when+"where it is served, on this machine")
	flags.BoolVar(noOpen, "no-open", false, when+"only print the address")
}

// check refuses flags that mean nothing together.
func (w *webFlags) check(cmd *cobra.Command, terminal map[string]bool) error {
	export := cmd.Flags().Changed("export")
	mode := "--web"
	if export {
		mode = "--export"
	}
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		switch name := f.Name; {
		case err != nil:
		case terminal[name] && (w.web || export):
			err = usageError(fmt.Sprintf("--%s is for the terminal, and %s is not: leave one of them out", name, mode))
		case (name == "addr" || name == "no-open" || name == "no-edit") && !w.web:
			err = usageError(fmt.Sprintf("--%s needs --web as well", name))
		}
	})
	switch {
	case err != nil:
		return err
	case w.web && export:
		return usageError("--web serves the tour and --export writes it: take one of them")
	case export && w.export == "":
		return usageError("--export needs the name of a folder")
	}
	return nil
}

// serve shows the tour in a browser, from a lesson on.
func (w *webFlags) serve(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usageError(fmt.Sprintf("--web begins with one lesson, got %q", args))
	}
	first := ""
	if len(args) == 1 {
		chosen, err := choose(lessons.All(), args, w.app.command)
		if err != nil {
			return err
		}
		first = chosen[0].Name
	}
	return tourweb.Serve(cmd.Context(), tourweb.Options{
		Address: w.addr, Lesson: first, Open: !w.noOpen, Edit: !w.noEdit, Out: cmd.OutOrStdout(),
	})
}

// write exports the whole tour.
func (w *webFlags) write(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError("--export writes all lessons: leave their names out")
	}
	return tourexport.Export(cmd.Context(), w.export, cmd.OutOrStdout())
}
