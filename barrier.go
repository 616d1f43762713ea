package asyncio

import (
	"context"
	"errors"
	"fmt"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// ErrBrokenBarrier is returned by Barrier.Wait when the barrier is reset or
// aborted. In Python: asyncio.BrokenBarrierError.
var ErrBrokenBarrier = errors.New("asyncio: the barrier is broken")

// A Barrier makes tasks wait for each other: they go on when a fixed number of them have
// come. Then it can be used again. It has to be made with NewBarrier. In Python:
// asyncio.Barrier. For the loop only.
type Barrier struct {
	cond    Condition
	parties int
	count   int // how many tasks are in it
	state   barrierState
	object  *engine.Object
}

type barrierState uint8

const (
	filling   barrierState = iota
	draining               // all tasks have come, and leave
	resetting              // the tasks that were in it leave with an error
	broken
)

// NewBarrier returns a barrier for that many tasks.
func NewBarrier(parties int) *Barrier {
	if parties < 1 {
		panic(fmt.Sprintf("asyncio: NewBarrier(%d): at least one party is needed", parties))
	}
	b := &Barrier{parties: parties}
	b.cond.as = (*barrierWait)(b)
	return b
}

// Wait suspends the calling task until all tasks have come, and returns how many had come
// before it. A task of the next round waits until all tasks of this one have left. If ctx
// is canceled, the task leaves, and the barrier is as if it had not come. After Reset or
// Abort it returns ErrBrokenBarrier.
func (b *Barrier) Wait(ctx context.Context) (index int, err error) {
	if b.parties == 0 {
		panic("asyncio: a zero Barrier is for no tasks and would never open: make it with NewBarrier")
	}
	err = b.cond.With(ctx, func() error {
		if err := b.enter(ctx); err != nil {
			return err
		}
		index = b.count
		b.count++
		defer b.leave()
		if b.count == b.parties {
			b.state = draining
			b.cond.NotifyAll()
			return nil
		}
		return b.fill(ctx)
	})
	return index, err
}

// enter waits until the tasks of the round before have left.
func (b *Barrier) enter(ctx context.Context) error {
	err := b.cond.WaitFor(ctx, func() bool { return b.state != draining && b.state != resetting })
	if err == nil && b.state == broken {
		return ErrBrokenBarrier
	}
	return err
}

// fill waits until all tasks have come.
func (b *Barrier) fill(ctx context.Context) error {
	err := b.cond.WaitFor(ctx, func() bool { return b.state != filling })
	if err == nil && b.state != draining {
		return ErrBrokenBarrier
	}
	return err
}

func (b *Barrier) leave() {
	b.count--
	if b.count > 0 {
		return
	}
	if b.state == draining || b.state == resetting {
		b.state = filling
	}
	b.cond.NotifyAll()
}

// Reset makes the tasks in the barrier leave with ErrBrokenBarrier; then it
// can be used again. It does not suspend.
func (b *Barrier) Reset() {
	b.check("Barrier.Reset")
	b.state = filling
	if b.count > 0 {
		b.state = resetting
	}
	b.cond.waiters.WakeAll()
}

// Abort makes the tasks in the barrier, and all that come until Reset, leave with
// ErrBrokenBarrier. It does not suspend.
func (b *Barrier) Abort() {
	b.check("Barrier.Abort")
	b.state = broken
	b.cond.waiters.WakeAll()
}

// Parties returns the number of tasks that the barrier is for.
func (b *Barrier) Parties() int { return b.parties }

// Waiting returns the number of tasks in the barrier. In Python: n_waiting.
func (b *Barrier) Waiting() int {
	b.check("Barrier.Waiting")
	if b.state != filling {
		return 0
	}
	return b.count
}

// Broken reports whether the barrier was aborted.
func (b *Barrier) Broken() bool {
	b.check("Barrier.Broken")
	return b.state == broken
}

// SetName gives the barrier a name, which all reports about it show. It does not suspend.
// For the loop only; before the barrier is used there, the goroutine that makes it may
// call SetName.
func (b *Barrier) SetName(name string) {
	b.check("Barrier.SetName")
	setName(&b.object, (*barrierWait)(b), b.cond.own.loop, name)
}

var labelBarrier = engine.NewLabel("barrier")

// barrierWait is a barrier as what a task waits for.
type barrierWait Barrier

func (w *barrierWait) Describe() string { return described(labelBarrier, w.object) }

func (w *barrierWait) Ref(l *engine.Loop) engine.Ref { return refTo(&w.object, w, l, labelBarrier) }

func (w *barrierWait) State() engine.ObjectState {
	return engine.ObjectState{Kind: labelBarrier, Len: w.count, Cap: w.parties, Waiters: w.cond.waiters.Len()}
}

func (b *Barrier) check(op string) { b.cond.own.check(op) }
