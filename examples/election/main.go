// Command election lets five nodes elect a leader, as in the Raft protocol (Ongaro and
// Ousterhout, 2014), without its log:
//
//	go run ./examples/election
//
// A node that hears of no leader for a while begins a new term and asks the others for
// their votes. Who has more than half of them leads in this term, and tells so all the
// time. A node has one vote in a term, so a term has one leader at most; this must hold
// whatever the network does, and whenever a node crashes.
//
//   - node.go is a node: what it knows, and how it answers others;
//   - election.go is what a node does by itself: it follows, stands for election, leads;
//   - vote.go is the vote, which must be on disk before it is given; and the same with a
//     mistake that a plain test does not find;
//   - message.go, peer.go and store.go are the requests, the connections and the disk;
//   - cluster.go ends the leader now and then, and starts it again;
//   - election_test.go has five hosts in memory, with faults of all kinds.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio"
	_ "github.com/asyncio-go/asyncio/console" // ASYNCIO_CONSOLE=1 shows the tasks
	"github.com/asyncio-go/asyncio/examples/internal/serving"
)

func main() { serving.Main(newCommand()) }

// options are what the command line says.
type options struct {
	nodes    []string
	only     int
	dir      string
	patience time.Duration
	every    time.Duration
}

func newCommand() *cobra.Command {
	o := options{patience: 300 * time.Millisecond, every: 5 * time.Second}
	for port := range 5 {
		o.nodes = append(o.nodes, fmt.Sprintf("localhost:%d", 7101+port))
	}
	cmd := &cobra.Command{
		Use:   "election",
		Short: "Five nodes that elect a leader",
		Long: `Five nodes that elect a leader, on the network of this machine.

They are all in this process, which ends the leader now and then, and starts it
again. With --only, one of them is: start five processes, and end some with
Ctrl-C. In --dir, each node has a file with its term and its vote.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if err := o.check(); err != nil {
				return err
			}
			if o.dir == "" {
				if o.dir, err = os.MkdirTemp("", "election"); err != nil {
					return err
				}
				defer os.RemoveAll(o.dir)
			}
			return run(cmd.Context(), newCluster(o, cmd.OutOrStdout()))
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.nodes, "nodes", o.nodes, "where the nodes listen")
	f.IntVar(&o.only, "only", 0, "run only this node, from 1; 0: all, in this process")
	f.StringVar(&o.dir, "dir", "", "folder for what the nodes must not forget; without it, a temporary one")
	f.DurationVar(&o.patience, "patience", o.patience, "shortest silence after which a node stands for election")
	f.DurationVar(&o.every, "every", o.every, "how often the leader is ended")
	f.SortFlags = false
	return cmd
}

func (o options) check() error {
	switch {
	case o.only < 0 || o.only > len(o.nodes):
		return fmt.Errorf("--only %d: there are nodes 1 to %d", o.only, len(o.nodes))
	case o.only > 0 && o.dir == "":
		return fmt.Errorf("--only needs --dir: a node that comes back must know its vote")
	case o.patience <= 0:
		return fmt.Errorf("--patience %v: must be longer than nothing", o.patience)
	case o.every <= 0:
		return fmt.Errorf("--every %v: must be longer than nothing", o.every)
	case strings.Contains(strings.Join(o.nodes, " ")+" ", ":0 "):
		return fmt.Errorf("--nodes %v: port 0 is any port, and the others must know it", o.nodes)
	}
	return nil
}

// run runs the cluster until Ctrl-C.
func run(ctx context.Context, c *cluster) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second one ends the program at once
	err := asyncio.Run(ctx, c.run)
	if errors.Is(err, asyncio.ErrCanceled) {
		return nil // that is how it ends
	}
	return err
}
