package engine

// seen is what a trace has counted of the task that a worker carries. All times are
// ticks.
type seen struct {
	task    uint64 // whose counts these are
	steps   uint64
	first   int64 // when it was first heard of
	since   int64 // since when it is in its state
	busy    int64 // time in steps
	ready   int64 // time in which it could have run
	longest int64 // its longest step
	long    bool  // its last one was: see longStep
	asked   int64 // when it was asked to end; 0: it was not
	by      Ref   // what has woken it; the zero Ref: nothing since its last step
}

// forgetSeen forgets what a trace has counted when the trace ends, because no one counts
// what happens afterwards.
func (l *Loop) forgetSeen() {
	for t := range l.Tasks {
		if w := t.worker; w != nil {
			w.seen = seen{}
		}
	}
}
