package console

import "github.com/asyncio-go/asyncio/internal/engine"

// An ordering puts the records of a loop in the order in which people read them: how a
// task has ended comes after its last step. The engine tells it before, for that step is
// not over then; or not at all, if the task has returned and nothing else is to be said.
type ordering struct {
	tell  func(r *record, text string)
	ended func(task uint64) bool // how the task has ended was told already

	waits   bool // there is an outcome whose last step is still to come
	outcome record
	text    string
}

// add passes a record on, and what is due with it.
func (o *ordering) add(r *record, text string) {
	last := o.waits && o.outcome.task == r.task && (r.kind == engine.Woken || r.kind == engine.Ends)
	if !last {
		o.flush()
	}
	if isOutcome(r.kind) {
		o.outcome, o.text, o.waits = *r, text, true
		return
	}
	o.tell(r, text)
	if r.kind == engine.Ends {
		o.returned(r)
	}
}

func isOutcome(k engine.Kind) bool { return k >= engine.Returned && k <= engine.Panicked }

// returned notes that a task has returned, if only its last step says so. The engine
// records the return itself only if some listener asks for it.
func (o *ordering) returned(last *record) {
	if !o.waits && !o.ended(last.task) {
		o.outcome, o.text, o.waits = record{kind: engine.Returned, task: last.task}, "", true
	}
	o.outcome.at = last.at
	o.flush()
}

// flush passes on how a task has ended, if that was put off.
func (o *ordering) flush() {
	if o.waits {
		o.waits = false
		o.tell(&o.outcome, o.text)
	}
}
