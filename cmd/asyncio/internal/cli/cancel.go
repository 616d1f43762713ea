package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/client"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/internal/wire"
)

const aboutCancel = `Cancel a task of a running program: it is asked to end, as Task.Cancel does.

TASK is its number, as ps prints it, or its name if no other task is called that.
A console takes orders only if the program allows it: console.Start(ctx,
console.Actions()).`

func newCancel(a *app) *cobra.Command {
	l := &look{app: a}
	cmd := l.command("cancel PID|ADDRESS TASK", "Ask a task of a program to end", aboutCancel, atMost(2), func(cmd *cobra.Command, args []string) error {
		if len(args) < 2 {
			return l.lacking(cmd, args)
		}
		c, err := l.open(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return l.cancel(cmd, c, args[1])
	})
	cmd.ValidArgsFunction = l.completeTasks
	cmd.Example = "  asyncio cancel 4242 17\n  asyncio cancel tcp:127.0.0.1:7070 download"
	l.jsonFlag(cmd, "print the console's answer")
	return cmd
}

// lacking says what a command line lacks: the task, or everything. Then the programs are
// listed.
func (l *look) lacking(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		if c, err := l.one(cmd, nil); err != nil {
			return err
		} else {
			args = []string{fmt.Sprint(c.Hello.PID)}
		}
	}
	return usageError(fmt.Sprintf("which task? \"asyncio ps %s\" lists them; then \"%s %[1]s TASK\"", args[0], cmd.CommandPath()))
}

// completeTasks offers programs, and then the tasks of the one that was named.
func (l *look) completeTasks(cmd *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
	if len(args) != 1 {
		return l.completePrograms(cmd, args, word)
	}
	c, err := l.open(cmd.Context(), args[0])
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var offered []string
	if snapshot, err := c.Snapshot(cmd.Context(), l.loop, 0); err == nil {
		for _, t := range view.Of(snapshot).Alive(false) {
			offered = append(offered, fmt.Sprintf("%d\t%s", t.ID, view.Name(t)))
		}
	}
	return offered, cobra.ShellCompDirectiveNoFileComp
}

func (l *look) cancel(cmd *cobra.Command, c *client.Client, task string) error {
	if !c.Hello.Actions {
		return fmt.Errorf("the console of %s takes no orders: the program has to allow it, with console.Start(ctx, console.Actions())", c.Name())
	}
	loops, err := l.loops(c)
	if err != nil {
		return err
	}
	if len(loops) > 1 {
		return usageError(fmt.Sprintf("%s has %d loops: say which, as in --loop %d", c.Name(), len(loops), loops[0].ID))
	}
	id, name, err := l.find(cmd, c, loops[0], task)
	if err != nil {
		return err
	}
	answer, err := c.Cancel(cmd.Context(), loops[0].ID, id)
	if err != nil {
		return err
	}
	if l.json {
		return printRaw(cmd.OutOrStdout(), answer)
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "task %d%s of %s is asked to end\n", id, name, c.Name())
	return err
}

// find returns the number of a task that is named by it, or by its name, and its name.
func (l *look) find(cmd *cobra.Command, c *client.Client, loop wire.Loop, task string) (uint64, string, error) {
	snapshot, err := c.Snapshot(cmd.Context(), loop.ID, 0)
	if err != nil {
		return 0, "", err
	}
	s := view.Of(snapshot)
	if id, ok := taskNumber(task); ok {
		if t := s.Task(id); t != nil && t.State == wire.Done {
			return 0, "", fmt.Errorf("task %s of %s has ended", s.Who(id), c.Name())
		} else if t != nil {
			return id, " " + view.Name(t), nil
		}
		return 0, "", fmt.Errorf("%s has no task %d; \"asyncio ps\" lists them", c.Name(), id)
	}
	var ids []string
	var found *wire.Task
	for _, t := range s.Alive(false) {
		if t.Name == task {
			found = t
			ids = append(ids, fmt.Sprint(t.ID))
		}
	}
	switch len(ids) {
	case 0:
		return 0, "", fmt.Errorf("%s has no task called %q; \"asyncio ps\" lists them", c.Name(), task)
	case 1:
		return found.ID, " " + view.Name(found), nil
	}
	return 0, "", usageError(fmt.Sprintf("%d tasks of %s are called %q: give a number, one of %s", len(ids), c.Name(), task, strings.Join(ids[:min(len(ids), 10)], ", ")))
}
