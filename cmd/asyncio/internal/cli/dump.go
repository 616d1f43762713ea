package cli

import (
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const aboutDump = `Print what a running program is doing, as text for a report: what
asyncio.DumpTasks writes. If the loop is stuck, the stack of what it is stuck in.`

func newDump(a *app) *cobra.Command {
	l := &look{app: a}
	cmd := l.command("dump [PID|ADDRESS]", "Print who waits for what, for a report", aboutDump, atMost(1), func(cmd *cobra.Command, args []string) error {
		c, err := l.one(cmd, args)
		if err != nil {
			return err
		}
		if l.json {
			return l.raw(cmd, c, func(loop int) string { return client.SnapshotPath(loop, 0) })
		}
		return l.each(c, func(loop wire.Loop) error {
			text, err := c.Get(cmd.Context(), client.DumpPath(loop.ID))
			if err != nil {
				return err
			}
			return printRaw(cmd.OutOrStdout(), []byte(view.CleanLines(string(text))))
		})
	})
	cmd.Example = "  asyncio dump 4242 > report.txt"
	l.jsonFlag(cmd, "print the same as data: /v1/snapshot")
	return cmd
}
