package subprocess

import "fmt"

// headTail is a writer that keeps the beginning and the end of what is written.
type headTail struct {
	head, tail []byte
	dropped    int // how many bytes between them were dropped
}

// headTailSize bounds head and tail, in bytes each: an error that holds them stays
// small.
const headTailSize = 32 << 10

func (h *headTail) Write(p []byte) (int, error) {
	n := len(p)
	room := min(headTailSize-len(h.head), n)
	h.head = append(h.head, p[:room]...)
	h.tail = append(h.tail, p[room:]...)
	if over := len(h.tail) - headTailSize; over > headTailSize { // to copy at every Write would take long
		h.dropTail(over)
	}
	return n, nil
}

func (h *headTail) dropTail(n int) {
	h.dropped += n
	h.tail = append(h.tail[:0], h.tail[n:]...)
}

// bytes returns what was kept, and says what is missing.
func (h *headTail) bytes() []byte {
	if over := len(h.tail) - headTailSize; over > 0 {
		h.dropTail(over)
	}
	if h.dropped == 0 {
		return append(h.head, h.tail...)
	}
	missing := fmt.Sprintf("\n... omitting %d bytes ...\n", h.dropped)
	return append(append(h.head, missing...), h.tail...)
}
