package streams

import (
	"net"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/conn"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A gate lets one Write through at a time, in the order in which they come, whether a
// task or another goroutine makes it. The loop's end of a connection has such a lock for
// tasks only, and package net has one for goroutines only.
type gate struct {
	mu    sync.Mutex
	taken bool
	queue []*turnAtGate
}

// A turnAtGate is a place in the queue.
type turnAtGate struct {
	come bool // guarded by the gate's mutex
	wake func()
}

// tryEnter goes through if no one is there.
func (g *gate) tryEnter() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	free := !g.taken
	g.taken = true
	return free
}

// enter goes through if no one is there, and returns nil. Otherwise it returns a place in
// the queue, and calls wake, on any goroutine, when its turn has come. A caller that has
// gone through, or whose turn has come, has to call leave.
func (g *gate) enter(wake func()) *turnAtGate {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.taken {
		g.taken = true
		return nil
	}
	t := &turnAtGate{wake: wake}
	g.queue = append(g.queue, t)
	return t
}

// leave lets the next one through.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.next()
}

func (g *gate) next() {
	if len(g.queue) == 0 {
		g.taken = false
		return
	}
	t := g.queue[0]
	g.queue = slices.Delete(g.queue, 0, 1)
	t.come = true
	t.wake()
}

// hasCome reports whether a turn has come.
func (g *gate) hasCome(t *turnAtGate) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return t.come
}

// giveUp gives a place in the queue up, or the turn if it has come by now.
func (g *gate) giveUp(t *turnAtGate) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if t.come {
		g.next()
		return
	}
	g.queue = slices.DeleteFunc(g.queue, func(other *turnAtGate) bool { return other == t })
}

// A taskAtGate is a task that waits for its turn, and the event that this has come.
type taskAtGate struct{ engine.Waiters }

// Fire makes a taskAtGate an event.
func (t *taskAtGate) Fire() { t.WakeAll() }

// Origin tells observers what woke the task.
func (t *taskAtGate) Origin() engine.Ref { return engine.Ref{Label: originGate} }

var (
	originGate = engine.NewLabel("a Write elsewhere has ended")
	labelGate  = engine.NewLabel("a Write elsewhere")
)

// enterInTask goes through the gate, and suspends the task until its turn has come.
func (g *gate) enterInTask(owner *conn.Owner) error {
	if g.tryEnter() {
		return nil
	}
	waiting := new(taskAtGate)
	turn := g.enter(func() { _ = owner.Core().Post(waiting) })
	if turn == nil {
		return nil
	}
	through := false
	defer func() { // the task may be ended by force while it waits
		if !through {
			g.giveUp(turn)
		}
	}()
	w, err := engine.Begin(owner.Context(conn.Unbound), "Conn.Write")
	for err == nil && !g.hasCome(turn) {
		err = w.Park(&waiting.Waiters, labelGate)
	}
	through = err == nil
	return err
}

// enterHere goes through the gate. It blocks the goroutine until its turn has come, the
// connection is closed, or the deadline for writing has passed.
func (c *sharedCore[E]) enterHere(g *gate) error {
	if g.tryEnter() {
		return nil
	}
	come := make(chan struct{})
	turn := g.enter(func() { close(come) })
	for turn != nil && !g.hasCome(turn) {
		if err := c.awaitTurn(come); err != nil {
			g.giveUp(turn)
			return c.opError("write", err)
		}
	}
	return nil
}

// awaitTurn waits until a turn has come, or something has changed.
func (c *sharedCore[E]) awaitTurn(come <-chan struct{}) error {
	c.mu.Lock()
	closed, deadline := c.closed, c.deadlines[1]
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	changed := c.changed
	c.mu.Unlock()
	var over <-chan time.Time
	switch {
	case closed:
		return net.ErrClosed
	case !deadline.IsZero():
		left := time.Until(deadline)
		if left <= 0 {
			return os.ErrDeadlineExceeded
		}
		timer := time.NewTimer(left)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-come:
	case <-changed:
	case <-over:
	}
	return nil
}
