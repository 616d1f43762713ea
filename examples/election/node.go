package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// settings are what a node is made of.
type settings struct {
	id        int      // from 1
	addresses []string // of all nodes, this one included; the first is that of node 1
	store     store
	random    *rand.Rand
	patience  time.Duration // a node stands for election after a silence of this to twice this time
	report    func(status)  // is called after each change; must not suspend
}

// A status is what a node knows at a moment.
type status struct {
	node   int
	leader int // 0: it knows of none
	ballot
}

// A node is one of several that elect a leader. All of it belongs to the loop. What does
// not suspend needs no lock; see castVote for what does.
type node struct {
	settings
	ballot               // is the same as in the store, but during a write
	writing asyncio.Lock // held from a look at the ballot to the end of its write
	vote    func(ctx context.Context, request message) (granted bool, err error)
	leader  int              // of the ballot's term; 0: it is not known
	heard   time.Time        // when a leader or a candidate was last heard
	peers   []*peer          // all nodes but this one
	now     func() time.Time // by the loop's clock, which no one sets
}

func newNode(s settings) *node {
	n := &node{settings: s}
	n.vote = n.castVote
	n.writing.SetName("ballot")
	for i, address := range s.addresses {
		if i+1 != s.id {
			n.peers = append(n.peers, &peer{address: address})
		}
	}
	return n
}

// run takes part in elections until ctx is canceled.
func (n *node) run(ctx context.Context) (err error) {
	n.now = asyncio.RunningLoop(ctx).Now
	if n.ballot, err = n.store.load(ctx); err != nil {
		return err
	}
	l, err := streams.Listen(ctx, "tcp", n.addresses[n.id-1])
	if err != nil {
		return err
	}
	n.tell()
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			return streams.Serve(ctx, l, n.serve, streams.GracePeriod(time.Nanosecond))
		}, asyncio.Name("server"))
		return n.follow(ctx)
	})
}

func (n *node) tell() { n.report(status{node: n.id, leader: n.leader, ballot: n.ballot}) }

// serve answers another node.
func (n *node) serve(ctx context.Context, conn net.Conn) error {
	in := streams.NewReader(conn, longestMessage)
	for {
		var request message
		// A node of which nothing comes for so long may be cut off, and never come back.
		err := asyncio.WithTimeout(ctx, 10*n.patience, func(context.Context) (err error) {
			request, err = receive(in)
			return err
		})
		if err == nil {
			request, err = n.reply(ctx, request)
		}
		if err == nil {
			err = send(conn, request)
		}
		if _, broken := errors.AsType[net.Error](err); broken || err == io.EOF || errors.Is(err, asyncio.ErrTimeout) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (n *node) reply(ctx context.Context, request message) (a message, err error) {
	granted := false
	switch {
	case request.From < 1 || request.From > len(n.addresses):
		return a, fmt.Errorf("a request of node %d, which does not exist", request.From)
	case request.Kind == askVote:
		granted, err = n.vote(ctx, request)
	case request.Kind == tellLeader:
		err = n.obey(ctx, request)
	default:
		return a, fmt.Errorf("a request of an unknown kind: %q", request.Kind)
	}
	return message{Kind: answer, Term: n.Term, From: n.id, Granted: granted}, err
}

// obey takes the sender for the leader, unless it is one of an earlier term.
func (n *node) obey(ctx context.Context, request message) error {
	if err := n.learn(ctx, request.Term); err != nil {
		return err
	}
	if request.Term != n.Term { // learn may have suspended: only now we know
		return nil
	}
	n.heard = n.now()
	if n.leader != request.From {
		n.leader = request.From
		n.tell()
	}
	return nil
}
