package conn

import (
	"context"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// This file is to a MemoryStream what fdtry.go is to an FD: calls that never wait, and
// events that wait in place of a task.

// TryRead is Read, but returns ErrWouldBlock where that would wait.
func (s *MemoryStream) TryRead(p []byte) (int, error) {
	if err := s.check(&s.in.readers); err != nil {
		return 0, err
	}
	return s.readNow(p)
}

// NotifyReadable makes an event ready when TryRead is worth another call.
func (s *MemoryStream) NotifyReadable(place *engine.Subscription, e engine.Event) {
	ready := s.in.waiting() > 0 || s.in.ended || s.dead || s.deaf
	s.notify(&s.in.readers, ready, place, e)
}

// TryWrite writes as much of p as it can without waiting, perhaps nothing. The caller
// must hold the turn.
func (s *MemoryStream) TryWrite(p []byte) (int, error) {
	if err := s.check(&s.out.writers); err != nil {
		return 0, err
	}
	return s.writeNow(p)
}

// NotifyWritable makes an event ready when TryWrite is worth another call.
func (s *MemoryStream) NotifyWritable(place *engine.Subscription, e engine.Event) {
	ready := !s.out.isFull() || s.out.shut || s.dead || s.out.line == nil && s.peer.closed
	s.notify(&s.out.writers, ready, place, e)
}

func (s *MemoryStream) notify(line *Line, ready bool, place *engine.Subscription, e engine.Event) {
	place.Init(s.loop, e)
	if ready || s.check(line) != nil {
		place.Notify()
	} else {
		line.Add(&place.Waiter)
	}
}

// TakeTurn reports whether the caller may write with TryWrite until it calls EndTurn;
// see FD.TakeTurn.
func (s *MemoryStream) TakeTurn() bool {
	free := !s.turn.taken
	s.turn.taken = true
	return free
}

// EndTurn passes the turn to the next writer.
func (s *MemoryStream) EndTurn() { s.turn.end() }

// SendFile reports that it cannot be done: there is no system call for a stream in
// memory.
func (s *MemoryStream) SendFile(context.Context, syscall.RawConn, int64) (n int64, done bool, err error) {
	return 0, false, nil
}
