package cli

import (
	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
)

const aboutTree = `Print the tasks of a running program as a tree.

By groups: below a task are the groups and timeouts that it has open, with their
limits and deadlines, and below these their tasks. With --awaits, by waits: below
a task are those it waits for, because they hold what it wants, or are what it
wants; "↺ ... cycle" marks where a deadlock closes.`

const treeExamples = `  asyncio tree
  asyncio tree 4242 --awaits
  asyncio tree unix:/run/shop.sock`

func newTree(a *app) *cobra.Command {
	l := &look{app: a}
	var awaits, all bool
	cmd := l.command("tree [PID|ADDRESS]", "Print the tasks of a program as a tree", aboutTree, atMost(1), func(cmd *cobra.Command, args []string) error {
		if awaits && all {
			return usageError("--awaits --all: a task that has ended waits for nobody; give one of them")
		}
		c, err := l.one(cmd, args)
		if err != nil {
			return err
		}
		if l.json {
			return l.raw(cmd, c, func(loop int) string { return client.SnapshotPath(loop, 0) })
		}
		return l.pages(cmd, c, func(s *view.State, scr *screen.Screen) []string {
			if awaits {
				return s.Awaits(scr.Paint, scr.Limit())
			}
			return s.Tree(scr.Paint, scr.Limit(), all)
		})
	})
	cmd.Example = treeExamples
	l.jsonFlag(cmd, "print what the console says, unchanged: /v1/snapshot")
	cmd.Flags().BoolVar(&awaits, "awaits", false, "by who waits for whom, in place of groups")
	cmd.Flags().BoolVarP(&all, "all", "a", false, "tasks that have ended as well")
	return cmd
}
