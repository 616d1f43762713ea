package cli

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const aboutPs = `Print the tasks of a running program, and what is wrong with it.

  STATE   running, ready (it can go on, and waits for its turn), waiting,
          held (the limit of its group keeps it back)
  BUSY    how long it has run in all
  WAIT    what it waits for, or what has woken it
  SINCE   how long it is in its state
  FOR     the tasks that it depends on: who holds what it wants; ↺ is a deadlock
  STEPS   how often it has run

Without a program, all that can be found are listed; if there is only one, its
tasks follow. On a terminal, texts are cut to fit; elsewhere nothing is cut,
unless COLUMNS is set. Sockets that programs have left behind are removed.

--json prints what the console says, unchanged: /v1/snapshot, a document for
each loop; without a program, a list of what /v1/hello of each says.`

const psExamples = `  asyncio ps
  asyncio ps 4242
  asyncio ps 4242 --sort since
  asyncio ps tcp:127.0.0.1:7070
  asyncio ps 4242 --json | jq '.tasks[] | select(.state == "waiting")'`

// psFlags holds the flags of ps.
type psFlags struct {
	look
	all  bool
	sort string
}

func newPs(a *app) *cobra.Command {
	p := &psFlags{look: look{app: a}}
	cmd := p.command("ps [PID|ADDRESS]", "List programs, and the tasks of one", aboutPs, atMost(1), p.run)
	cmd.Example = psExamples
	p.jsonFlag(cmd, "print what the console says, unchanged")
	cmd.Flags().BoolVarP(&p.all, "all", "a", false, "tasks that have ended as well; they are told of for a minute")
	cmd.Flags().StringVar(&p.sort, "sort", view.Orders[0], "what to sort by: "+strings.Join(view.Orders, ", "))
	cmd.RegisterFlagCompletionFunc("sort", cobra.FixedCompletions(view.Orders, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func (p *psFlags) run(cmd *cobra.Command, args []string) error {
	if !slices.Contains(view.Orders, p.sort) {
		return usageError(fmt.Sprintf("--sort %q: has to be one of %s", p.sort, strings.Join(view.Orders, ", ")))
	}
	if len(args) == 0 {
		return p.list(cmd)
	}
	c, err := p.open(cmd.Context(), args[0])
	if err != nil {
		return err
	}
	return p.tasks(cmd, c)
}

func (p *psFlags) tasks(cmd *cobra.Command, c *client.Client) error {
	if p.json {
		return p.raw(cmd, c, func(loop int) string { return client.SnapshotPath(loop, 0) })
	}
	return p.pages(cmd, c, func(s *view.State, scr *screen.Screen) []string {
		tasks := s.Alive(p.all)
		view.Sort(tasks, p.sort, func(t *wire.Task) float64 { return float64(t.Busy) })
		table := s.TaskTable(tasks, nil)
		if scr.Limit() > 0 {
			table.Shorten()
		}
		return table.Lines(scr.Paint, scr.Limit())
	})
}

func (p *psFlags) list(cmd *cobra.Command) error {
	programs, err := client.Find(cmd.Context(), p.secret())
	if err != nil {
		return err
	}
	if p.json {
		return listJSON(cmd, programs)
	}
	if len(programs) == 0 {
		fmt.Fprintf(cmd.ErrOrStderr(), "No program of yours with a console was found: %s.\n", client.HowToSwitchOn)
		return nil
	}
	scr := p.app.screen(cmd)
	if err := printPrograms(cmd.Context(), scr, programs); err != nil || len(programs) > 1 {
		return err
	}
	only := programs[0]
	if only.Err != nil {
		return only.Err
	}
	if len(only.Client.Hello.Loops) == 0 {
		return nil
	}
	if err := printLines(scr, []string{""}); err != nil {
		return err
	}
	return p.tasks(cmd, only.Client)
}

// listJSON prints what every console says of itself.
func listJSON(cmd *cobra.Command, programs []client.Program) error {
	hellos := []json.RawMessage{}
	for _, p := range programs {
		if p.Err != nil {
			fmt.Fprintf(cmd.ErrOrStderr(), "%s: %v\n", cmd.CommandPath(), p.Err)
			continue
		}
		hello, err := p.Client.Get(cmd.Context(), "/v1/hello")
		if err != nil {
			return err
		}
		hellos = append(hellos, hello)
	}
	text, err := json.Marshal(hellos)
	if err != nil {
		return err
	}
	return printRaw(cmd.OutOrStdout(), text)
}
