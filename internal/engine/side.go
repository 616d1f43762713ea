package engine

import "sync"

// A side takes what other goroutines have to tell: about functions in threads, and about
// everything else that has its own row in a drawing.
type side struct {
	mu      sync.Mutex
	streams []*Stream
	hearing []RowListener
	counts  []RowCount
	page    *page // its times are the loop's; nil: no one has told anything yet
}

// A Row is something that works beside the loop and has its own row in a drawing. The label
// and the name identify it; the rest says what begins there.
type Row struct {
	Label
	Name string // "thread-1", or the name of a worker on another machine
	What string // what it does, for one of few things: the name of a function; "": that is not known
	ID   string // which one of those
	Task uint64 // the task that it works for, or 0
}

// text is how a record says it: the name, and for what begins, what that is and which.
func (r Row) text(k Kind, failure string) string {
	switch {
	case k == Finished && failure != "":
		return r.Name + "\n" + failure
	case k == Began && r.ID != "":
		return r.Name + "\n" + r.What + "\n" + r.ID
	case k == Began && r.What != "":
		return r.Name + "\n" + r.What
	}
	return r.Name
}

// TellRow tells what another goroutine does: Began or Finished. Any goroutine may call it.
func (l *Loop) TellRow(k Kind, r Row, err error) {
	tr := l.tracing.Load()
	if tr == nil {
		return
	}
	failure := ""
	if err != nil {
		failure = l.ErrorText(err)
	}
	s := &tr.side
	s.mu.Lock()
	defer s.mu.Unlock()
	s.count(k, r, failure)
	for _, x := range s.hearing {
		x.HearRow(k, r, failure)
	}
	if len(s.streams) == 0 {
		return
	}
	if s.page == nil {
		s.page = new(page)
	}
	s.page.add(record{at: int64(l.clock.Now()), kind: k, what: r.Label, task: r.Task, ref: s.page.note(r.text(k, failure))})
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

// give hands over the records that there are. The caller holds the lock.
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
