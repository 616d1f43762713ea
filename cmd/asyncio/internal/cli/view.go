package cli

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/recorded"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/recordedweb"
	"github.com/asyncio-go/asyncio/trace"
)

const aboutView = `Show a recording in a browser, on the console's page: a lane for each task, who has
woken whom, tables and trees of the tasks as they were at the end. If the recording is
of simulated hosts, they are bands, and their messages are arrows.

The file is a recording in JSON. "asyncio trace -o run.json" saves one, a program that
is started with ASYNCIO_TRACE=run.json writes one when it ends, and a failing test of
package asynciotest leaves one among its artifacts. The page is for this machine only,
and for those who know its whole address.

Exit status: 0; 1 the file is no recording, or the page cannot be served; 2 the command
line makes no sense.`

const viewExamples = `  asyncio view run.json
  asyncio view run.json --no-open --addr 127.0.0.1:7071`

// viewFlags holds the flags of view.
type viewFlags struct {
	addr   string
	noOpen bool
}

func newView(a *app) *cobra.Command {
	var f viewFlags
	cmd := &cobra.Command{
		Use: "view FILE.json", Short: "Show a recording in a browser",
		Long: aboutView, Example: a.named(viewExamples), GroupID: groupLook,
		Args: oneFile, RunE: f.run,
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return []cobra.Completion{"json"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	addrFlags(cmd.Flags(), &f.addr, &f.noOpen, "")
	return cmd
}

func oneFile(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usageError(fmt.Sprintf("needs the file of a recording, as in asyncio view run.json, and takes only one; got %q", args))
	}
	return nil
}

func (f *viewFlags) run(cmd *cobra.Command, args []string) error {
	r, err := read(args[0])
	if err != nil {
		return err
	}
	return recordedweb.Serve(cmd.Context(), r, recordedweb.Options{Address: f.addr, Open: !f.noOpen, Out: cmd.OutOrStdout()})
}

// read reads a recording from a file.
func read(name string) (*recorded.Recording, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	r, err := trace.ReadJSON(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	shown := recorded.New(r, filepath.Base(name))
	if _, err := shown.Find(0); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return shown, nil
}
