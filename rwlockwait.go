package asyncio

import "github.com/asyncio-go/asyncio/internal/engine"

// SetName gives the lock a name, which all reports about it show. It does not suspend.
// For the loop only; before the lock is used there, the goroutine that makes it may call
// SetName.
func (l *RWLock) SetName(name string) {
	l.check("RWLock.SetName")
	setName(&l.object, (*rwLockState)(l), l.loop, name)
}

var (
	labelRWLock = engine.NewLabel("rwlock")
	labelWrite  = engine.NewLabel("rwlock write")
	labelRead   = engine.NewLabel("rwlock read")
)

// rwLockState is a lock as an engine.Shared.
type rwLockState RWLock

// State names a holder only if there is one. Of several readers only the one that came
// last is known, and any other may be the last to release the lock.
func (l *rwLockState) State() engine.ObjectState {
	s := engine.ObjectState{Kind: labelRWLock, Len: l.readers, Waiters: l.waiters.Len()}
	if l.writing {
		s.Len, s.Cap = 1, 1
	}
	if s.Len == 1 && l.coming == 0 {
		s.Holder, s.Since = l.holder, l.since
	}
	return s
}

// A lock as what a task waits for, in the two ways in which it can.
type (
	writeWait RWLock
	readWait  RWLock
)

func (w *writeWait) Describe() string { return described(labelWrite, w.object) }
func (w *readWait) Describe() string  { return described(labelRead, w.object) }

func (w *writeWait) Ref(l *engine.Loop) engine.Ref {
	return refTo(&w.object, (*rwLockState)(w), l, labelWrite)
}

func (w *readWait) Ref(l *engine.Loop) engine.Ref {
	return refTo(&w.object, (*rwLockState)(w), l, labelRead)
}

func (w *writeWait) State() engine.ObjectState { return (*rwLockState)(w).State() }
func (w *readWait) State() engine.ObjectState  { return (*rwLockState)(w).State() }
