package asyncio

import (
	"context"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A combination is several futures that one task waits for: Gather, Race and
// Any differ in what decides them. It owns what it waits for: when the wait
// is cut, all are canceled, and it ends when they have ended.
type combination struct {
	rule     rule
	parts    []part
	left     int            // parts that are not done
	first    *engine.Future // the one that decided; nil: none yet
	canceled bool           // by the task that waits
	over     bool           // who waits has been woken, or need not wait
	task     engine.Waiters // who waits
}

// A part is the place of a combination among the waiters of a future.
type part struct {
	waiter engine.Subscription
	of     *combination
	future *engine.Future
	heir   engine.Canceler
	early  bool // it was done before anyone waited
}

// A rule says what a combination waits for.
type rule struct {
	label   engine.Label
	decides func(*engine.Future) bool // whether this end decides it
	cancels bool                      // a decision cancels the others and waits for them
	forgets bool                      // the decision makes up for errors before it
}

var (
	gatherRule = rule{label: "gather", decides: func(f *engine.Future) bool { return !succeeds(f) }}
	settleRule = rule{label: "gather", decides: never}
	raceRule   = rule{label: "race", decides: func(*engine.Future) bool { return true }, cancels: true}
	anyRule    = rule{label: "any", decides: succeeds, cancels: true, forgets: true}
)

// succeeds reports whether a future that is done has a result.
func succeeds(f *engine.Future) bool { return !f.Canceled() && !f.Failed() }

func never(*engine.Future) bool { return false }

func combine(r rule, n int) *combination {
	return &combination{rule: r, parts: make([]part, 0, n)}
}

// add adds a future. One that is done already counts at once, when all have
// been added; see wait.
func (c *combination) add(f *engine.Future, heir engine.Canceler) {
	c.parts = append(c.parts, part{of: c, future: f, heir: heir})
}

// wait waits for the decision. The error is that of the wait itself, not of
// what it waited for.
func (c *combination) wait(ctx context.Context, op string) error {
	w, err := engine.BeginUnchecked(ctx, op)
	if err != nil {
		return err
	}
	if w.IsCut() {
		c.rule.decides, c.rule.forgets = never, false // the context wins over what is there already
	}
	c.left = len(c.parts)
	for i := range c.parts {
		p := &c.parts[i]
		if p.early = p.future.Done(); !p.early {
			p.future.Subscribe(&p.waiter, p)
		}
	}
	for i := range c.parts {
		if p := &c.parts[i]; p.early {
			c.ended(p.future)
		}
	}
	if c.left == 0 {
		c.over = true
	}
	if c.over {
		return w.Checkpoint()
	}
	w.Park(&c.task, c)
	if c.canceled && (c.first == nil || c.first.Canceled()) {
		return w.Interruption()
	}
	return nil
}

// Describe says what the task waits for.
func (c *combination) Describe() string { return c.rule.label.Describe() }

// Awaited makes a combination an engine.Awaited.
func (c *combination) Awaited(yield func(*engine.Future) bool) {
	for i := range c.parts {
		if !yield(c.parts[i].future) {
			return
		}
	}
}

// Fire is the event that the part's future is done.
func (p *part) Fire() {
	c := p.of
	c.ended(p.future)
	if c.over {
		c.task.WakeAll()
	}
}

func (p *part) Origin() string { return p.of.rule.label.Describe() }

// ended counts a future that is done.
func (c *combination) ended(f *engine.Future) {
	c.left--
	if c.first == nil && c.rule.decides(f) {
		c.first = f
		c.passOver()
		if c.rule.cancels {
			c.cancelAll(nil)
		} else if !c.canceled {
			c.over = true
		}
	}
	if c.left == 0 {
		c.over = true
	}
}

// passOver looks at the errors that a result makes up for, so that they are not
// reported. Without one, as when the wait is canceled, nothing makes up for
// them.
func (c *combination) passOver() {
	if !c.rule.forgets {
		return
	}
	for i := range c.parts {
		c.parts[i].future.Look()
	}
}

// Cancel makes the combination the heir of the task that waits.
func (c *combination) Cancel(cause error) bool {
	c.canceled = c.cancelAll(cause)
	return c.canceled
}

func (c *combination) cancelAll(cause error) (any bool) {
	for i := range c.parts {
		if c.parts[i].heir.Cancel(cause) {
			any = true
		}
	}
	return any
}
