// Command chat is a chat server with rooms, for anything that speaks lines
// over TCP:
//
//	go run ./examples/chat --address localhost:7000
//	nc localhost 7000
//
// Everything runs on one loop, so what guests share, the rooms and their names,
// needs no lock. One who reads slowly is told so and loses lines; nobody waits
// for it.
//
//   - hall.go is the rooms and who is in them;
//   - guest.go is one connection: a task that reads and one that writes, with a
//     bounded queue in front;
//   - command.go is what a guest can say.
package main

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/examples/internal/serving"
)

func main() { serving.Main(newCommand()) }

func newCommand() *cobra.Command {
	l := limits{backlog: 100, patience: 30 * time.Second, idle: 10 * time.Minute, line: 1000}
	address, most := "localhost:7000", 1000
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "A chat server with rooms",
		Long: `A chat server with rooms, for anything that speaks lines over TCP, as nc does.

One who reads slowly loses lines, and is told how many; one who does not read
at all is disconnected after a while. One who says nothing for long has to
press Enter to show that it is still there. Ctrl-C says good-bye to all.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := l.check(); err != nil {
				return err
			}
			return run(cmd.Context(), address, most, l, func(at net.Addr) {
				fmt.Fprintf(cmd.OutOrStdout(), "listening on %v; nc is a client\n", at)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&address, "address", "a", address, "where to listen")
	f.IntVarP(&most, "limit", "n", most, "how many guests at once; 0: any number")
	f.IntVar(&l.backlog, "backlog", l.backlog, "lines that wait for a guest who reads slowly")
	f.DurationVar(&l.patience, "patience", l.patience, "how long a line may take on its way to a guest, and a sign of life on its way back")
	f.DurationVar(&l.idle, "idle", l.idle, "how long a guest may say nothing before it is asked for a sign of life")
	f.IntVar(&l.line, "line", l.line, "longest line, in bytes")
	f.SortFlags = false
	return cmd
}

func (l limits) check() error {
	switch {
	case l.backlog < 1:
		return fmt.Errorf("--backlog %d: at least 1 is needed", l.backlog)
	case l.patience <= 0:
		return fmt.Errorf("--patience %v: must be longer than nothing", l.patience)
	case l.idle <= 0:
		return fmt.Errorf("--idle %v: must be longer than nothing", l.idle)
	case l.line < 1:
		return fmt.Errorf("--line %d: at least 1 is needed", l.line)
	}
	return nil
}

// run serves until ctx is canceled, or Ctrl-C.
func run(ctx context.Context, address string, most int, l limits, started func(net.Addr)) error {
	h := newHall()
	return serving.Run(ctx, address, serving.Options{
		Grace: 5 * time.Second, Limit: most, Drain: h.close,
		Started: func(l net.Listener) { started(l.Addr()) },
		Handle:  func(ctx context.Context, conn net.Conn) error { return h.stay(ctx, conn, l) },
	})
}
