package asyncio

import (
	"math"
	"reflect"
	"slices"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// OnReceive is a case of [Select] that receives from a Go channel, as *v, *ok = <-ch
// does; v and ok may be nil if they are not needed. If another case is chosen, or none,
// nothing was received. The case can always go on if the channel is closed, and never if
// it is nil. Any goroutine may make it; see [Receive].
func OnReceive[T any](ch <-chan T, v *T, ok *bool) Case {
	return Case{op: &receiveCase[T]{ch: ch, v: v, ok: ok}, n: ofChannel}
}

// OnSend is a case of [Select] that sends on a Go channel, as ch <- v does. If another case is
// chosen, or none, it has not sent. If ch is closed, before the call or during it, Select
// panics as Go does. The case can never go on if ch is nil. Any goroutine may make it;
// see [Send].
func OnSend[T any](ch chan<- T, v T) Case {
	return Case{op: &sendCase[T]{ch: ch, v: v}, n: ofChannel}
}

// ofChannel says that a case is of a channel.
const ofChannel = math.MinInt64

// A channelCase is the operation of a case with a channel. A standIn does the work for
// it.
type channelCase interface {
	operation
	begin(l *engine.Loop) channelEnd // an end of the channel that waits for one Select
	finish(e channelEnd)             // it was used
	why() engine.Label
}

type receiveCase[T any] struct {
	noOperation
	ch <-chan T
	v  *T
	ok *bool
}

func (c *receiveCase[T]) why() engine.Label { return labelReceive }

func (c *receiveCase[T]) begin(l *engine.Loop) channelEnd { return &exchange[T]{loop: l, in: c.ch} }

func (c *receiveCase[T]) finish(e channelEnd) {
	x := e.(*exchange[T])
	if c.v != nil {
		*c.v = x.value
	}
	if c.ok != nil {
		*c.ok = x.ok
	}
}

type sendCase[T any] struct {
	noOperation
	ch chan<- T
	v  T
}

func (c *sendCase[T]) why() engine.Label { return labelSend }

func (c *sendCase[T]) begin(l *engine.Loop) channelEnd {
	return &exchange[T]{loop: l, out: c.ch, value: c.v}
}

func (c *sendCase[T]) finish(channelEnd) {}

// noOperation makes a channelCase an operation, whose methods are not called.
type noOperation struct{}

func (noOperation) bind(*engine.Wait)            {}
func (noOperation) try(Case) (bool, error)       { return false, nil }
func (noOperation) line(Case, *engine.Selection) {}
func (noOperation) resume(Case) (bool, error)    { return false, nil }

// selectWithChannels is Select with cases of channels, without its checks. A step may do
// only a limited number of these: see beginOnChannel.
func selectWithChannels(w *engine.Wait, cases []Case) (chosen int, err error) {
	w.Loop().MustMaySuspend("Select of a channel")
	if err := w.Spend(); err != nil {
		return -1, err
	}
	x := newStandIn(w.Loop(), cases)
	defer x.over()
	return selectFirst(w, cases, x)
}

// A standIn waits for the channels of a Select in place of the task. It uses one
// goroutine for all channels, because two goroutines could each receive a value. It is an
// engine.Outside: the loop stops it at the moment at which another case is chosen, and
// learns then whether it has sent or received before.
type standIn struct {
	loop    *engine.Loop
	cases   []Case
	at      []int        // which of the cases are of channels
	waiting []channelEnd // an end for each of these
	task    engine.Waiters

	quit      chan struct{} // closed by the loop: the goroutine has to end
	ended     chan struct{} // closed by the goroutine when it ends
	isStopped bool          // there is no more to do, whatever a virtual world says
	unwatch   func()        // nil: no virtual world asks

	// Of the goroutine until that has ended.
	used     int // the end that was used; -1: none was
	panicked any // the value of the panic in which a send has ended
}

func newStandIn(l *engine.Loop, cases []Case) *standIn {
	x := &standIn{loop: l, cases: slices.Clone(cases), used: -1} // a copy, so that no other Select lets its cases escape to the heap
	for i, c := range cases {
		if c.n == ofChannel {
			x.at = append(x.at, i)
			x.waiting = append(x.waiting, c.op.(channelCase).begin(l))
		}
	}
	return x
}

// try does the operation of a case that need not wait.
func (x *standIn) try(index int) bool {
	for i, at := range x.at {
		if at == index && x.waiting[i].try() {
			x.met(i)
			x.result()
			return true
		}
	}
	return false
}

// line takes a place for a case. The goroutine uses the place of the first channel, and
// begins there.
func (x *standIn) line(index int, s *engine.Selection) {
	why := x.cases[index].op.(channelCase).why()
	if index != x.at[0] {
		s.Add(nil, why)
		return
	}
	s.AddOutside(x, &x.task, why)
	x.isStopped = false
	if c := x.loop.Channels; c != nil && x.unwatch == nil {
		x.unwatch = c.WatchChannel(x)
	}
	x.Resume()
}

// result finishes the case whose end was used, and returns its index. It panics if a send has.
func (x *standIn) result() (index int) {
	if x.panicked != nil {
		panic(x.panicked)
	}
	index = x.at[x.used]
	x.cases[index].op.(channelCase).finish(x.waiting[x.used])
	return index
}

// over ends the goroutine, also when the task is ended by force.
func (x *standIn) over() {
	if x.unwatch != nil {
		x.unwatch()
	}
	x.Stop()
}

// Stop makes a standIn an engine.Outside.
func (x *standIn) Stop() (done bool) {
	x.isStopped = true
	return x.Pause()
}

// Resume makes a standIn an engine.Exchange.
func (x *standIn) Resume() {
	if !x.isStopped {
		x.quit, x.ended = make(chan struct{}), make(chan struct{})
		go x.run(x.quit, x.ended)
	}
}

// Pause makes a standIn an engine.Exchange.
func (x *standIn) Pause() (done bool) {
	if x.quit != nil {
		close(x.quit)
		<-x.ended
		x.quit = nil
	}
	return x.used >= 0 || x.panicked != nil
}

func (x *standIn) run(quit, ended chan struct{}) {
	defer close(ended)
	switch done := x.exchange(quit); {
	case !done:
	case x.unwatch != nil:
		x.loop.Wake()
	default:
		x.Tell()
	}
}

// exchange sends or receives on one of the channels. When it has to end, it tries one
// last time, as the goroutine of an exchange does.
func (x *standIn) exchange(quit chan struct{}) (done bool) {
	defer func() {
		if v := recover(); v != nil { // a channel is closed
			x.panicked, done = v, true
		}
	}()
	cases := make([]reflect.SelectCase, 0, len(x.waiting)+1)
	for _, e := range x.waiting {
		cases = append(cases, e.reflected())
	}
	last := len(cases)
	cases = append(cases, reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(quit)})
	i, v, ok := reflect.Select(cases)
	if i == last {
		cases[last] = reflect.SelectCase{Dir: reflect.SelectDefault}
		i, v, ok = reflect.Select(cases)
	}
	if i == last {
		return false
	}
	x.used = i
	x.waiting[i].received(v, ok)
	return true
}

// Tell makes a standIn an engine.Exchange. It may be called on any goroutine.
func (x *standIn) Tell() { _ = x.loop.Post(x) } // a loop that has ended has no task that waits

// Fire is the event that the standIn is done. If the task knows that already, no one
// waits.
func (x *standIn) Fire() { x.task.WakeAll() }

func (x *standIn) Origin() engine.Ref { return engine.Ref{Label: originChannel} }

// Meet makes a standIn an engine.Exchange.
func (x *standIn) Meet(other engine.Exchange) bool { return meet(x, other.(party)) }

// A standIn is a party, until it is stopped.
func (x *standIn) ends() int {
	if x.isStopped {
		return 0
	}
	return len(x.waiting)
}

func (x *standIn) end(i int) channelEnd { return x.waiting[i] }
func (x *standIn) met(i int)            { x.used = i }

// try makes an exchange a channelEnd.
func (x *exchange[T]) try() bool {
	if c := x.loop.Channels; c != nil && c.Meet(x) {
		return true
	}
	select {
	case x.value, x.ok = <-x.in:
		return true
	case x.out <- x.value:
		return true
	default:
		return false
	}
}

// reflected makes an exchange a channelEnd.
func (x *exchange[T]) reflected() reflect.SelectCase {
	if x.out != nil {
		return reflect.SelectCase{Dir: reflect.SelectSend, Chan: reflect.ValueOf(x.out), Send: reflect.ValueOf(&x.value).Elem()}
	}
	return reflect.SelectCase{Dir: reflect.SelectRecv, Chan: reflect.ValueOf(x.in)}
}

// received makes an exchange a channelEnd. A send has received nothing.
func (x *exchange[T]) received(v reflect.Value, ok bool) {
	if x.out == nil {
		x.ok = ok
		reflect.ValueOf(&x.value).Elem().Set(v)
	}
}
