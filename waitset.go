package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// A waitSet is several futures that something waits for, each of them once. It calls a
// rule at the end of each, in the order in which they end. Gather, Race, Any, Wait,
// Shield, AsCompleted and the end of Run differ only in their rules.
type waitSet struct {
	label     engine.Label  // says what the task that waits is doing
	ended     func(*member) // the rule
	members   []member
	known     map[*engine.Future]bool // the futures that could be added again
	remaining int                     // how many members there are for whose end the rule was not called
	task      engine.Waiters          // the task that waits for what the rule decides
}

// A member is the place of a waitSet among the waiters of a future.
type member struct {
	engine.Subscription
	set    *waitSet
	future *engine.Future
	index  int // the place of the future among the user's arguments
}

// newWaitSet returns a set for at most n futures. It has no rule yet.
func newWaitSet(label engine.Label, n int) *waitSet {
	return &waitSet{label: label, members: make([]member, 0, n)}
}

// add adds a future, unless it is in the set already. isNew says that the caller knows
// that it is not.
func (s *waitSet) add(f *engine.Future, index int, isNew bool) {
	if !isNew {
		if s.known[f] {
			return
		}
		if s.known == nil {
			s.known = map[*engine.Future]bool{}
		}
		s.known[f] = true
	}
	n := len(s.members)
	s.members = s.members[:n+1]
	m := &s.members[n]
	m.set, m.future, m.index = s, f, index
	s.remaining++
}

// subscribe arranges that the rule is called at the end of each member. For a member that
// is done already, it is called in the next pass.
func (s *waitSet) subscribe() {
	s.known = nil
	for i := range s.members {
		s.members[i].subscribe()
	}
}

func (m *member) subscribe() { m.future.Subscribe(&m.Subscription, m) }

// unsubscribe undoes subscribe: the rule is not called any more.
func (s *waitSet) unsubscribe() {
	if s.remaining == 0 {
		return
	}
	for i := range s.members {
		s.members[i].Remove()
	}
}

// wait suspends the task until the rule wakes it or its wait is cut.
func (s *waitSet) wait(w *engine.Wait) error {
	defer s.unsubscribe()
	s.subscribe()
	return w.Park(&s.task, s)
}

// look looks at the errors of all that have failed, so that they are not
// reported.
func (s *waitSet) look() {
	for f := range s.Awaited {
		f.Look()
	}
}

// Fire is the event that the member's future is done.
func (m *member) Fire() {
	m.set.remaining--
	m.set.ended(m)
}

func (m *member) Origin() engine.Ref { return engine.Ref{Label: m.set.label} }

// About returns the future whose end the event is.
func (m *member) About() *engine.Future { return m.future }

// Describe makes the set the reason of a wait.
func (s *waitSet) Describe() string { return s.label.Describe() }

// Ref makes the set the reason of a wait.
func (s *waitSet) Ref(*engine.Loop) engine.Ref { return engine.Ref{Label: s.label} }

// Awaited makes the set an engine.Awaited.
func (s *waitSet) Awaited(yield func(*engine.Future) bool) {
	for i := range s.members {
		if !yield(s.members[i].future) {
			return
		}
	}
}
