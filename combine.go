package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A combination is several futures that one task waits for: Gather, Race and Any differ
// in what decides them. It owns what it waits for: when the wait is cut (ended by a
// cancellation), all futures are canceled, and the wait ends when they have ended.
type combination struct {
	waitSet
	rule      rule
	first     *engine.Future         // the member that decided; nil: none has yet
	cancelAll func(cause error) bool // cancels the members that are not done; false: all are done
	canceled  bool                   // the wait of the task was canceled
}

// A rule says what a combination waits for.
type rule struct {
	label   engine.Label
	decides func(*engine.Future) bool // whether the end of this member decides the combination
	cancels bool                      // the decision cancels the others, which are then waited for
	forgets bool                      // the decision makes up for the errors before it
}

var (
	gatherRule = rule{label: labelGather, decides: func(f *engine.Future) bool { return !succeeds(f) }}
	settleRule = rule{label: labelGather, decides: never}
	raceRule   = rule{label: labelRace, decides: func(*engine.Future) bool { return true }, cancels: true}
	anyRule    = rule{label: labelAny, decides: succeeds, cancels: true, forgets: true}
)

var (
	labelGather = engine.NewLabel("gather")
	labelRace   = engine.NewLabel("race")
	labelAny    = engine.NewLabel("any")
)

// succeeds reports whether a future that is done has a result.
func succeeds(f *engine.Future) bool { return !f.Canceled() && !f.Failed() }

func never(*engine.Future) bool { return false }

// An owned awaitable is canceled together with the wait for it.
type owned interface{ canceler() engine.Canceler }

// canceling returns a function that cancels all handles, and reports whether any
// of them was not done.
func canceling[H owned](handles []H) func(cause error) bool {
	return func(cause error) (any bool) {
		for _, h := range handles {
			if h.canceler().Cancel(cause) {
				any = true
			}
		}
		return any
	}
}

func combine(r rule, n int) *combination {
	c := &combination{rule: r, waitSet: *newWaitSet(r.label, n)}
	c.ended = c.count
	return c
}

// wait waits for the decision. It returns the error of the wait itself, not that of a
// member.
func (c *combination) wait(ctx context.Context, op string) error {
	w, err := engine.BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	if w.IsCut() {
		c.rule.decides = never // a canceled context wins over members that are done already
	}
	defer c.unsubscribe()
	c.begin()
	if c.finished() {
		return w.Checkpoint()
	}
	if err := w.Park(&c.task, c); err != nil {
		return err
	}
	if c.canceled && (c.first == nil || c.first.Canceled()) {
		return w.Interruption()
	}
	return nil
}

// begin subscribes to the members. Those that are done count at once, but only after
// all have been looked at: one of them may decide and cancel others, which are then
// done as well and count in their turn.
func (c *combination) begin() {
	c.known = nil
	var early []*member
	for i := range c.members {
		if m := &c.members[i]; m.future.Done() {
			early = append(early, m)
		} else {
			m.subscribe()
		}
	}
	for _, m := range early {
		m.Fire()
	}
}

// finished reports whether there is nothing more to wait for.
func (c *combination) finished() bool {
	return c.remaining == 0 || c.first != nil && !c.rule.cancels && !c.canceled
}

// count counts a member that is done.
func (c *combination) count(m *member) {
	if c.first == nil && c.rule.decides(m.future) {
		c.first = m.future
		if c.rule.forgets {
			c.look()
		}
		if c.rule.cancels {
			c.cancelAll(nil)
		}
	}
	if c.finished() {
		c.task.WakeAll()
	}
}

// Cancel makes the combination an engine.Canceler: it is canceled in place of the task
// that waits for it.
func (c *combination) Cancel(cause error) bool {
	c.canceled = c.cancelAll(cause)
	return c.canceled
}
