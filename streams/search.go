package streams

import "bytes"

// A search looks for the first of several separators in a text that grows.
type search struct {
	seps   [][]byte
	long   int // the longest of them
	passed int // no separator begins before this
}

func newSearch(seps [][]byte) search {
	s := search{seps: seps}
	if len(seps) == 0 {
		s.seps = newlines
	}
	for _, sep := range s.seps {
		if len(sep) == 0 {
			panic("streams: Reader.ReadUntil with an empty separator, which is everywhere: use ReadExactly or Read")
		}
		s.long = max(s.long, len(sep))
	}
	return s
}

var (
	newline  = []byte("\n")
	newlines = [][]byte{newline}
)

// in finds the separator that ends first, and returns where it begins and ends; if two
// end at the same place, it finds the shorter one. If there is none, end is 0, and no
// separator can begin before at.
func (s *search) in(text []byte) (at, end int) {
	for _, sep := range s.seps {
		i := bytes.Index(text[s.passed:], sep)
		if i < 0 {
			continue
		}
		start := s.passed + i
		if start+len(sep) == end && start < at {
			continue
		}
		at, end = start, start+len(sep)
		text = text[:end] // nothing that ends later is wanted
	}
	if end == 0 {
		s.passed = max(0, len(text)+1-s.long)
		at = s.passed
	}
	return at, end
}
