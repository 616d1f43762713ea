package main

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
)

// follow waits until no leader is heard of, and then campaigns; and so on.
func (n *node) follow(ctx context.Context) error {
	for {
		if err := n.awaitSilence(ctx); err != nil {
			return err
		}
		if err := n.campaign(ctx); err != nil {
			return err
		}
	}
}

// campaign stands for election, and leads if it is elected. The connections to the others
// are for this campaign only: the others would not keep idle ones until the next.
func (n *node) campaign(ctx context.Context) error {
	defer n.hangUp()
	elected, err := n.stand(ctx)
	if !elected || err != nil {
		return err
	}
	return n.lead(ctx, n.Term)
}

func (n *node) hangUp() {
	for _, p := range n.peers {
		p.close()
	}
}

// awaitSilence waits until nothing was heard for a while. This while is random, so that
// one node is usually first, and is elected before others stand as well.
func (n *node) awaitSilence(ctx context.Context) error {
	patience := n.patience + time.Duration(n.random.Int64N(int64(n.patience)))
	n.heard = n.now()
	for {
		rest := patience - n.now().Sub(n.heard)
		if rest <= 0 {
			return nil
		}
		if err := asyncio.Sleep(ctx, rest); err != nil {
			return err
		}
	}
}

// stand begins a new term, asks all others for their votes, and reports whether more than
// half of all nodes have given theirs.
func (n *node) stand(ctx context.Context) (elected bool, err error) {
	mine, votes := ballot{}, 1
	err = n.writing.With(ctx, func() error {
		mine = ballot{Term: n.Term + 1, Vote: n.id}
		return n.write(ctx, mine)
	})
	if err != nil {
		return false, err
	}
	request := message{Kind: askVote, Term: mine.Term, From: n.id}
	err = n.eachPeer(ctx, func(ctx context.Context, tg *asyncio.TaskGroup, p *peer) error {
		a, err := n.call(ctx, p, request)
		if a.Granted {
			votes++
		}
		if votes > len(n.addresses)/2 || n.ballot != mine {
			tg.Cancel() // it is decided
		}
		return err
	})
	// While it waited, it may have heard of a later term, or of this one's leader.
	if err != nil || votes <= len(n.addresses)/2 || n.ballot != mine {
		return false, err
	}
	n.leader = n.id
	n.tell()
	return true, nil
}

// lead tells all others again and again that this node leads in a term, until it has
// heard of a later one.
func (n *node) lead(ctx context.Context, term int) error {
	request := message{Kind: tellLeader, Term: term, From: n.id}
	return n.eachPeer(ctx, func(ctx context.Context, tg *asyncio.TaskGroup, p *peer) error {
		for n.Term == term {
			if _, err := n.call(ctx, p, request); err != nil {
				return err
			}
			if err := asyncio.Sleep(ctx, n.patience/3); err != nil {
				return err
			}
		}
		tg.Cancel()
		return nil
	})
}

// eachPeer runs a function for each of the other nodes, side by side.
func (n *node) eachPeer(ctx context.Context, fn func(ctx context.Context, tg *asyncio.TaskGroup, p *peer) error) error {
	return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
		for _, p := range n.peers {
			tg.Go(func(ctx context.Context) error { return fn(ctx, tg, p) }, asyncio.Name("to "+p.address))
		}
		return nil
	})
}

// call asks a peer. One that does not answer in time is no error: its answer is empty.
func (n *node) call(ctx context.Context, p *peer, request message) (message, error) {
	a, err := p.call(ctx, request, n.patience)
	switch {
	case errors.Is(err, asyncio.ErrCanceled):
		return a, err
	case err != nil:
		return message{}, nil
	}
	return a, n.learn(ctx, a.Term)
}
