package subprocess

import "fmt"

// ends is a writer that keeps the first and the last of what is written.
type ends struct {
	first, last []byte
	dropped     int // between them
}

// So much is kept of each.
const endSize = 32 << 10

func (e *ends) Write(p []byte) (int, error) {
	n := len(p)
	room := min(endSize-len(e.first), n)
	e.first = append(e.first, p[:room]...)
	e.last = append(e.last, p[room:]...)
	if over := len(e.last) - endSize; over > endSize { // not each time
		e.dropLast(over)
	}
	return n, nil
}

func (e *ends) dropLast(n int) {
	e.dropped += n
	e.last = append(e.last[:0], e.last[n:]...)
}

// bytes returns what was kept, and says what is missing.
func (e *ends) bytes() []byte {
	if over := len(e.last) - endSize; over > 0 {
		e.dropLast(over)
	}
	if e.dropped == 0 {
		return append(e.first, e.last...)
	}
	missing := fmt.Sprintf("\n... omitting %d bytes ...\n", e.dropped)
	return append(append(e.first, missing...), e.last...)
}
