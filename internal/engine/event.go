package engine

// An Event is something that has happened and awaits its turn in the ready
// queue: a task that can go on, a callback, a step of the engine's own.
type Event interface {
	// Fire does what the event is there for. Events other than tasks and
	// callbacks fire on any stack, so they must not run code of the user.
	Fire()
}
