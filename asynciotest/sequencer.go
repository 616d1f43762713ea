package asynciotest

import (
	"context"
	"errors"
	"fmt"

	"github.com/asyncio-go/asyncio"
)

// A Sequencer forces an order on pieces of several tasks: each piece has a number, and
// begins when the piece before has ended. The zero Sequencer begins with 0. It may be
// used on the loop only.
type Sequencer struct {
	next   int
	broken bool
	begun  map[int]bool
	turns  map[int]*asyncio.Event
}

// ErrSequenceBroken is returned by Sequencer.Do when an earlier piece was canceled while
// it waited for its turn.
var ErrSequenceBroken = errors.New("asynciotest: a piece of the sequence was canceled before its turn")

// Do suspends the calling task until it is the turn of the number, runs fn, and lets the
// next number begin; it returns the error of fn. If ctx is canceled before, Do returns an
// error that is ErrCanceled, and calls that wait for a later number return
// ErrSequenceBroken. Do panics if the number was used before.
func (s *Sequencer) Do(ctx context.Context, number int, fn func() error) error {
	if s.begun[number] || number < 0 {
		panic(fmt.Sprintf("asynciotest: Sequencer.Do(%d): each number, from 0, is for one piece", number))
	}
	if s.begun == nil {
		s.begun, s.turns = map[int]bool{}, map[int]*asyncio.Event{}
	}
	s.begun[number] = true
	if err := s.await(ctx, number); err != nil {
		return err
	}
	defer s.advance()
	return fn()
}

func (s *Sequencer) await(ctx context.Context, number int) error {
	if s.next != number && !s.broken {
		turn := new(asyncio.Event)
		s.turns[number] = turn
		if err := turn.Wait(ctx); err != nil {
			s.abort()
			return err
		}
	}
	if s.broken {
		return ErrSequenceBroken
	}
	return nil
}

func (s *Sequencer) advance() {
	s.next++
	if turn := s.turns[s.next]; turn != nil {
		turn.Set()
	}
}

func (s *Sequencer) abort() {
	s.broken = true
	for _, turn := range s.turns {
		turn.Set()
	}
}
