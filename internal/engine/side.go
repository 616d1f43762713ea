package engine

import "sync"

// A side takes what other goroutines have to tell: of functions in threads, and
// of whatever else is a row of its own.
type side struct {
	mu      sync.Mutex
	streams []*Stream
	hearing []RowListener
	page    *page // its times are the loop's; nil: no one has told anything yet
}

// TellRow tells of what another goroutine does: Began or Finished of a row, which its
// kind and its name tell from others, for a task or for 0. Any goroutine may call it.
func (l *Loop) TellRow(k Kind, of Label, name string, task uint64, err error) {
	tr := l.tracing.Load()
	if tr == nil {
		return
	}
	text, failure := name, ""
	if err != nil {
		failure = l.ErrorText(err)
		text += "\n" + failure
	}
	s := &tr.side
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, x := range s.hearing {
		x.HearRow(k, of, name, task, failure)
	}
	if len(s.streams) == 0 {
		return
	}
	if s.page == nil {
		s.page = new(page)
	}
	s.page.add(record{at: int64(l.clock.Now()), kind: k, what: of, task: task, ref: s.page.note(text)})
	s.page.notice()
	if s.page.length == chunkLength {
		s.give(l)
	}
}

// Heard reports whether someone wants to know what other goroutines do. Any goroutine
// may call it.
func (l *Loop) Heard() bool { return l.tracing.Load() != nil }

// set says who gets the records from now on, and who hears of what happens.
func (s *side) set(l *Loop, streams []*Stream, listeners []Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(l)
	s.streams = append([]*Stream(nil), streams...)
	s.hearing = nil
	for _, x := range listeners {
		if x, ok := x.(RowListener); ok {
			s.hearing = append(s.hearing, x)
		}
	}
}

func (s *side) flush(l *Loop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give(l)
}

// give hands over what there is. The lock is held.
func (s *side) give(l *Loop) {
	if s.page == nil || s.page.length == 0 {
		return
	}
	c := s.page.chunk(l, true)
	s.page.open(pair{}, 0, 0)
	for _, stream := range s.streams {
		stream.give(c)
	}
	c.Release()
}
