package engine

import "runtime/debug"

// Work is what runs on a goroutine that is not the loop's, and has to tell the
// loop how it has ended.
type Work interface {
	// Do does the work.
	Do() error
	// Done is called after Do, on the same goroutine and before the loop hears
	// of the end. The error is what Do has returned. If Do has panicked, it is
	// what Loop.PanicError makes of that; the panic is reported before the loop
	// hears of the end. If Do has ended by Goexit, it is ErrGoexit.
	Done(err error)
	// Fire is the event, on the loop, that the work has ended.
	Event
	// Drop is called in place of Fire when the loop has closed before. It may be
	// called on any goroutine.
	Drop()
}

// An Offload is one piece of work on another goroutine. Neither a panic nor a
// Goexit in the work keeps its end from the loop.
type Offload struct {
	loop  *Loop
	asked *Task // the task that asked for the work; nil: a callback did
	pool  Pool  // see Within
}

// Init binds the work to a loop, which counts it from then on. Loop only. Afterwards,
// Run, Finish or Withdraw has to be called.
func (o *Offload) Init(l *Loop) {
	o.loop, o.asked = l, l.current
	l.CountOutside(1)
	if l.Threads != nil {
		l.Threads.Expect(o)
	}
}

// Within notes in which pool the work is to be done. If it is not called, there is no
// pool. Loop only.
func (o *Offload) Within(p Pool) { o.pool = p }

// Pool returns the pool in which the work is to be done; nil: in none. Loop only.
func (o *Offload) Pool() Pool { return o.pool }

// Loop returns the loop that has handed out the work.
func (o *Offload) Loop() *Loop { return o.loop }

// Asked returns the task that wanted the work, or nil. Any goroutine may call it.
func (o *Offload) Asked() *Task { return o.asked }

// Run does the work on the calling goroutine.
func (o *Offload) Run(w Work) {
	if x := o.loop.Threads; x != nil {
		x.Enter(o)
	}
	err := ErrGoexit  // this stays if the work neither returns nor panics
	defer o.Finish(w) // runs even if a hook or a handler ends the goroutine
	defer func() {
		if v := recover(); v != nil {
			stack := debug.Stack()
			err = o.loop.PanicError(v, stack)
			defer o.loop.Report(Report{Message: "panic in a thread", Err: err, Task: o.asked, Stack: stack})
		}
		w.Done(err)
	}()
	err = w.Do()
}

// Finish tells the loop that the work has ended. Run calls it. If the work will not be
// done after all, call Finish in place of Run. Any goroutine may call it.
func (o *Offload) Finish(w Work) {
	err := o.loop.Post(w)
	o.Withdraw() // once the end is in the inbox: see CountOutside
	if err != nil {
		w.Drop()
	}
}

// Withdraw makes the loop no longer expect the end of the work. Any goroutine may call
// it.
func (o *Offload) Withdraw() {
	o.loop.CountOutside(-1)
	if x := o.loop.Threads; x != nil {
		x.Leave(o)
	}
}

// A Call is an Offload of a function, and holds what the function has returned. A
// struct that embeds it adds Fire and Drop.
type Call[T any] struct {
	Offload
	fn    func() (T, error)
	Value T
	Err   error
}

// Start calls fn on a goroutine of its own; w is what the Call is embedded in.
// Loop only.
func (c *Call[T]) Start(l *Loop, w Work, fn func() (T, error)) {
	c.Init(l)
	c.fn = fn
	go c.Run(w)
}

// Do makes a Call a Work.
func (c *Call[T]) Do() (err error) {
	c.Value, err = c.fn()
	return err
}

// Done makes a Call a Work.
func (c *Call[T]) Done(err error) { c.Err = err }
