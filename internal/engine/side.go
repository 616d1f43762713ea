package engine

import "sync"

// A side takes the records that other goroutines write: of functions in threads, and
// of whatever else is a row of its own.
type side struct {
	mu      sync.Mutex
	streams []*Stream
	chunk   *Chunk // its times are the loop's
}

// TellRow writes a record of what another goroutine does: Began or Finished of a row,
// which its name and its kind tell from others. Its time is now. Any goroutine may call
// it.
func (l *Loop) TellRow(r Record, name string, err error) {
	tr := l.tracing.Load()
	if tr == nil {
		return
	}
	text := name
	if err != nil {
		text += "\n" + textOf(err)
	}
	s := &tr.side
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.streams) == 0 {
		return
	}
	if s.chunk == nil {
		s.chunk = newChunk(l, true)
	}
	r.At = int64(l.clock.Now())
	r.Text = s.chunk.note(text)
	s.chunk.Records = append(s.chunk.Records, r)
	if len(s.chunk.Records) == chunkLength {
		s.give()
	}
}

// Heard reports whether someone wants to know what other goroutines do. Any goroutine
// may call it.
func (l *Loop) Heard() bool { return l.tracing.Load() != nil }

// set says who gets the records from now on.
func (s *side) set(streams []*Stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give()
	s.streams = append([]*Stream(nil), streams...)
}

func (s *side) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.give()
}

// give hands the chunk over. The lock is held.
func (s *side) give() {
	c := s.chunk
	if c == nil {
		return
	}
	s.chunk = nil
	for _, stream := range s.streams {
		stream.give(c)
	}
	c.Release()
}
