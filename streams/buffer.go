package streams

// A buffer holds bytes that have come and have not been read. What is read is cut
// off its front and belongs to the caller. It is not copied, so its memory is
// never reused: when there is no more room, a new array is made.
type buffer struct {
	array []byte // up to its capacity there is room
	start int    // of what has not been read; what is before it belongs to callers if given
	given bool   // a part of the array was cut off
	size  int    // of the next array
}

const (
	smallestArray = 4 << 10
	largestArray  = 64 << 10 // unless more is asked for at once
	leastRoom     = 512      // worth a Read
)

// unread returns what has not been read.
func (b *buffer) unread() []byte { return b.array[b.start:] }

// len returns how much has not been read.
func (b *buffer) len() int { return len(b.array) - b.start }

// cut takes n bytes off the front, for good.
func (b *buffer) cut(n int) []byte {
	end := b.start + n
	front := b.array[b.start:end:end]
	b.start = end
	b.given = true
	return front
}

// skip drops n bytes off the front.
func (b *buffer) skip(n int) {
	b.start += n
	if b.len() == 0 && !b.given {
		b.array, b.start = b.array[:0], 0
	}
}

// room returns free space behind the bytes that are there: enough for n bytes in
// all, and never too little to be worth a Read. For a large n it grows step by
// step, to no more than twice what has come, so that the announcement of a
// gigabyte does not allocate one.
func (b *buffer) room(n int) []byte {
	if b.len() == 0 && cap(b.array) != max(b.size, smallestArray) {
		*b = buffer{size: b.size} // a stream that idles must not hold on to what a burst needed
	}
	missing := n - b.len()
	least := min(max(missing, leastRoom), max(b.len(), largestArray))
	if cap(b.array)-len(b.array) < least {
		b.move(b.len() + least)
	}
	return b.array[len(b.array):cap(b.array)]
}

// move moves the unread bytes to where they can become that long.
func (b *buffer) move(long int) {
	to := b.array[:0]
	if b.given || cap(to) < long {
		to = make([]byte, 0, max(long, 2*b.len(), b.size, smallestArray))
		b.given = false
	}
	b.array, b.start = append(to, b.unread()...), 0
}

// came says that the first n bytes of the room have been filled. A source that
// fills all of it is given more room next time, and one that fills little of it,
// less.
func (b *buffer) came(n int) {
	switch room := cap(b.array) - len(b.array); {
	case n == room:
		b.size = min(2*cap(b.array), largestArray)
	case n < room/4:
		b.size = smallestArray
	}
	b.array = b.array[:len(b.array)+n]
}
