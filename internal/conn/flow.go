package conn

// A flow is one direction of a connection in memory: a buffer that one end writes and
// the other reads. Loop only.
type flow struct {
	bytes   []byte
	taken   int  // so many of them have been read
	window  int  // how many may wait
	ended   bool // nothing more will be written
	readers Line // at the one end
	writers Line // at the other
}

// defaultWindow is how many bytes may wait: 64 KiB, about what a socket takes before
// its writer has to wait.
const defaultWindow = 64 << 10

func (f *flow) waiting() int { return len(f.bytes) - f.taken }

func (f *flow) isFull() bool { return f.waiting() >= f.window }

// take copies to p what is there, and lets those who write go on.
func (f *flow) take(p []byte) int {
	n := copy(p, f.bytes[f.taken:])
	if f.taken += n; f.waiting() == 0 {
		f.bytes, f.taken = f.bytes[:0], 0
	}
	f.writers.WakeAll()
	return n
}

// put adds as much of p as there is room for, and lets those who read go on. It makes
// room at the front before it grows: a flow that is never empty must not do so for ever.
func (f *flow) put(p []byte) int {
	n := min(len(p), f.window-f.waiting())
	if n <= 0 {
		return 0
	}
	if len(f.bytes)+n > cap(f.bytes) {
		f.bytes, f.taken = f.bytes[:copy(f.bytes, f.bytes[f.taken:])], 0
	}
	f.bytes = append(f.bytes, p[:n]...)
	f.readers.WakeAll()
	return n
}

// drop drops what no one will read.
func (f *flow) drop() { f.bytes, f.taken = nil, 0 }

// resize sets the window.
func (f *flow) resize(bytes int) {
	f.window = max(bytes, 1)
	f.writers.WakeAll()
}
