package engine

import "sync"

// A Stream brings the records of loops to another goroutine, chunk by chunk. Any
// goroutine may call its methods. Attach connects it with a loop.
type Stream struct {
	kinds Kinds
	exact bool
	full  func()
	limit int
	ready chan struct{}

	mu      sync.Mutex
	traces  []*Trace
	chunks  []*Chunk
	dropped uint64
}

// NewStream returns a stream in which up to so many chunks wait to be taken, of some
// 512 records each. When there are more, the oldest are dropped, and counted. It gets
// records of the Usual kinds, and of these others.
func NewStream(limit int, others ...Kind) *Stream {
	return &Stream{kinds: Usual | Of(others...), limit: max(limit, 1), ready: make(chan struct{}, 1)}
}

// Exact lets the clock be read whenever a task is created or woken, and not only when a
// step is over: what a task does at the end of its first long step is else told as if it
// had been at the beginning. To be called before Attach.
func (s *Stream) Exact() *Stream {
	s.exact = true
	return s
}

// WhenFull lets full be called, on the loop, when Ready gives a value and the loop has a
// clock of its own. In such a world, that of package virtual or a bubble of
// testing/synctest, there is no goroutine beside the loop that could wait for Ready. full
// may call Take. To be called before Attach.
func (s *Stream) WhenFull(full func()) *Stream {
	s.full = full
	return s
}

// Ready gives a value when so much has come that it is time to take it. Who does not
// want to be late looks now and then in any case.
func (s *Stream) Ready() <-chan struct{} { return s.ready }

// Dropped returns how many records were dropped.
func (s *Stream) Dropped() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// Take returns what has come, in order for each loop, and, of loops that sleep or do
// not run, what has not been handed over yet. What a loop that works has written in
// the last 50 ms is still with it; on that loop, call Flush before.
func (s *Stream) Take() []*Chunk {
	s.mu.Lock()
	traces := append([]*Trace(nil), s.traces...)
	s.mu.Unlock()
	for _, tr := range traces {
		tr.collect()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.chunks
	s.chunks = nil
	return taken
}

// give puts a chunk into the stream.
func (s *Stream) give(c *Chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.users.Add(1)
	s.chunks = append(s.chunks, c)
	for len(s.chunks) > s.limit {
		s.dropped += uint64(s.chunks[0].length)
		s.chunks[0].Release()
		s.chunks[0] = nil
		s.chunks = s.chunks[1:]
	}
	if len(s.chunks) == s.enough() {
		s.signal()
	}
}

// enough is how many chunks are worth taking.
func (s *Stream) enough() int { return max(s.limit/4, 1) }

// relieve is called on a loop with a clock of its own.
func (s *Stream) relieve() {
	if s.full == nil {
		return
	}
	s.mu.Lock()
	enough := len(s.chunks) >= s.enough()
	s.mu.Unlock()
	if enough {
		s.full()
	}
}

func (s *Stream) signal() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

// Loops returns the loops that the stream is attached to. When one is detached, or ends,
// Ready gives a value.
func (s *Stream) Loops() (loops []*Loop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, tr := range s.traces {
		loops = append(loops, tr.loop)
	}
	return loops
}

func (s *Stream) join(tr *Trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.traces = append(s.traces, tr)
}

func (s *Stream) leave(tr *Trace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.signal()
	for i, one := range s.traces {
		if one == tr {
			s.traces = append(s.traces[:i:i], s.traces[i+1:]...)
			return
		}
	}
}
