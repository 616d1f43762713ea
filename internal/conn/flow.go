package conn

// A flow is one direction of a connection in memory: a buffer that one end writes and
// the other reads. Loop only.
type flow struct {
	bytes   []byte
	taken   int        // so many of them have been read
	window  int        // how many may wait
	shut    bool       // nothing more will be written
	ended   bool       // and the one who reads knows it
	line    *delayLine // on which bytes travel; nil: they are there at once
	readers Line       // at the one end
	writers Line       // at the other
}

// defaultWindow is how many bytes may wait: 64 KiB, about what a socket takes before
// its writer has to wait.
const defaultWindow = 64 << 10

func (f *flow) waiting() int { return len(f.bytes) - f.taken }

func (f *flow) isFull() bool {
	if f.line != nil {
		return f.line.sent >= f.window
	}
	return f.waiting() >= f.window
}

// end says that nothing more will be written.
func (f *flow) end() {
	switch {
	case f.shut:
	case f.line != nil:
		f.line.send(segmentEnd, 0)
	default:
		f.ended = true
	}
	f.shut = true
}

// take copies to p what is there, and wakes tasks that wait to write.
func (f *flow) take(p []byte) int {
	n := copy(p, f.bytes[f.taken:])
	if f.taken += n; f.waiting() == 0 {
		f.bytes, f.taken = f.bytes[:0], 0
	}
	if f.line != nil {
		f.line.read(n, f.window)
	} else {
		f.writers.WakeAll()
	}
	return n
}

// put adds as much of p as there is room for, or sends it on its way.
func (f *flow) put(p []byte) int {
	if f.line != nil {
		return f.line.put(p, f.window)
	}
	n := min(len(p), f.window-f.waiting())
	if n <= 0 {
		return 0
	}
	f.add(p[:n])
	return n
}

// add adds bytes, and wakes tasks that wait to read. It uses the room at the front before
// it grows, because a flow that is never empty must not grow for ever.
func (f *flow) add(p []byte) {
	if len(f.bytes)+len(p) > cap(f.bytes) {
		f.bytes, f.taken = f.bytes[:copy(f.bytes, f.bytes[f.taken:])], 0
	}
	f.bytes = append(f.bytes, p...)
	f.readers.WakeAll()
}

// drop drops what no one will read.
func (f *flow) drop() { f.bytes, f.taken = nil, 0 }

// resize sets the window.
func (f *flow) resize(bytes int) {
	f.window = max(bytes, 1)
	f.writers.WakeAll()
}
