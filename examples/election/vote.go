package main

import "context"

// castVote decides whether a candidate gets this node's vote, and reports whether it does.
// A node has one vote in a term.
//
// The lock is held from the check to the end of the write. Without it, another candidate
// of the same term could ask during the write, and get the vote as well.
func (n *node) castVote(ctx context.Context, request message) (granted bool, err error) {
	err = n.writing.With(ctx, func() error {
		if !n.mayVote(request) {
			return nil
		}
		granted = true
		return n.write(ctx, ballot{Term: request.Term, Vote: request.From})
	})
	return granted && err == nil, err
}

// castVoteCarelessly has the vote on disk before it says so, and therefore survives each
// crash. Its mistake is that write suspends the task. Whoever asks meanwhile finds the
// ballot as it was, so two candidates may get the vote of one node, and two leaders may
// be elected in one term. For that, two nodes must stand for election at nearly the same
// time, and at least one of the others must hear of both within one write.
func (n *node) castVoteCarelessly(ctx context.Context, request message) (granted bool, err error) {
	if !n.mayVote(request) {
		return false, nil
	}
	if err := n.write(ctx, ballot{Term: request.Term, Vote: request.From}); err != nil {
		return false, err
	}
	return true, nil
}

func (n *node) mayVote(request message) bool {
	return request.Term > n.Term ||
		request.Term == n.Term && (n.Vote == 0 || n.Vote == request.From)
}

// learn moves to a later term of which another node has told.
func (n *node) learn(ctx context.Context, term int) error {
	if term <= n.Term {
		return nil
	}
	return n.writing.With(ctx, func() error {
		if term <= n.Term { // it came there meanwhile
			return nil
		}
		return n.write(ctx, ballot{Term: term})
	})
}

// write saves a ballot, and then goes by it. The caller holds the lock.
func (n *node) write(ctx context.Context, b ballot) error {
	if b == n.ballot {
		return nil // a candidate asks again
	}
	if err := n.store.save(ctx, b); err != nil {
		return err
	}
	if b.Term != n.Term {
		n.leader = 0
	}
	n.ballot = b
	n.heard = n.now()
	n.tell()
	return nil
}
