package engine

import "sync"

// A Stream brings the records of loops to another goroutine, chunk by chunk. Any
// goroutine may call its methods. Attach connects it with a loop.
type Stream struct {
	kinds  Kinds
	exact  bool
	limit  int            // in chunks, or of a ring in bytes; negative: none
	forget func(c *Chunk) // of a ring: see NewRing
	missed func(c *Chunk) // of other streams: see Missed
	ready  chan struct{}

	mu      sync.Mutex
	traces  []*Trace
	chunks  []*Chunk
	size    int // of the chunks of a ring, in bytes
	dropped uint64
}

// NewStream returns a stream in which up to limit chunks wait to be taken, of some 256
// records each. When there are more, the oldest are dropped, and counted. It gets records
// of the Usual kinds, and of the other kinds that are given.
func NewStream(limit int, others ...Kind) *Stream {
	return &Stream{kinds: Usual | Of(others...), limit: max(limit, 1), ready: make(chan struct{}, 1)}
}

// NewRing returns a stream that no one takes from: it keeps the newest chunks, up to so
// many bytes of memory (negative: all), and at least one. Kept shows them. forget is
// called with each chunk that is dropped, before the chunk is used again. It is called on
// any goroutine, with the stream locked: it must do little, and must not call the stream.
func NewRing(bytes int, forget func(c *Chunk)) *Stream {
	s := NewStream(1)
	s.limit, s.forget = bytes, forget
	return s
}

// Kept calls look with the chunks of a ring, oldest first. Nothing is dropped or added
// until look returns; to keep a chunk for longer, look calls Retain.
func (s *Stream) Kept(look func(chunks []*Chunk)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.chunks)
}

// Exact makes the clock be read whenever a task is created or woken, and not only when a
// step is over. Without it, what a task does at the end of its first long step is told as
// if it had happened at the beginning. On a loop with a clock of its own, times are
// always exact. It must be called before Attach.
func (s *Stream) Exact() *Stream {
	s.exact = true
	return s
}

// Ready returns a channel that gets a value when it is time to call Take, because much
// has come. A reader that must not be late also calls Take from time to time.
func (s *Stream) Ready() <-chan struct{} { return s.ready }

// Missed makes fn be called with each chunk that is dropped because too many wait, as
// forget of NewRing is. It must be called before Attach.
func (s *Stream) Missed(fn func(c *Chunk)) { s.missed = fn }

// Limit changes how many chunks wait to be taken at most. It is not for rings.
func (s *Stream) Limit(chunks int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = max(chunks, 1)
}

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
	s.Collect()
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.chunks
	s.chunks = nil
	return taken
}

// Collect hands over what is still with loops that sleep or do not run.
func (s *Stream) Collect() {
	s.mu.Lock()
	traces := append([]*Trace(nil), s.traces...)
	s.mu.Unlock()
	for _, tr := range traces {
		tr.collect()
	}
}

// give puts a chunk into the stream.
func (s *Stream) give(c *Chunk) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.users.Add(1)
	s.chunks = append(s.chunks, c)
	if s.forget != nil {
		s.size += c.Size()
		for s.limit >= 0 && s.size > s.limit && len(s.chunks) > 1 {
			s.size -= s.chunks[0].Size()
			s.forget(s.chunks[0])
			s.chunks[0].Loop.forgets(s.chunks[0])
			s.drop()
		}
		return
	}
	for len(s.chunks) > s.limit {
		if s.missed != nil {
			s.missed(s.chunks[0])
		}
		s.dropped += uint64(s.chunks[0].Len())
		s.drop()
	}
	if len(s.chunks) == s.enough() {
		s.signal()
	}
}

// drop drops the oldest chunk.
func (s *Stream) drop() {
	s.chunks[0].Release()
	s.chunks[0] = nil
	s.chunks = s.chunks[1:]
}

// enough is how many chunks are worth taking.
func (s *Stream) enough() int { return max(s.limit/4, 1) }

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
