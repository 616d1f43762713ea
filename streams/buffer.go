package streams

// A buffer holds bytes that have come and have not been read. A read cuts bytes off its
// front and gives them to the caller without a copy. So their memory is never reused:
// when there is no more room, a new array is made.
type buffer struct {
	array []byte // up to its capacity there is room
	start int    // of the unread bytes; the bytes before it belong to callers if given
	given bool   // callers have got a part of the array
	size  int    // of the next array
}

const (
	smallestArray = 4 << 10
	largestArray  = 64 << 10 // unless more is asked for at once
	leastRoom     = 512      // less is not worth a Read
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

// peek returns the first n bytes, or as many as there are. They stay.
func (b *buffer) peek(n int) []byte {
	end := min(b.start+n, len(b.array))
	return b.array[b.start:end:end]
}

// skip drops n bytes off the front.
func (b *buffer) skip(n int) {
	b.start += n
	if b.len() == 0 && !b.given {
		b.array, b.start = b.array[:0], 0
	}
}

// room returns free space behind the unread bytes: enough for n bytes in all, and never
// too little to be worth a Read. For a large n the buffer grows step by step, to no more
// than twice what has come, so that a peer that only announces a gigabyte does not make
// it allocate one.
func (b *buffer) room(n int) []byte {
	if b.len() == 0 && cap(b.array) != max(b.size, smallestArray) {
		*b = buffer{size: b.size} // an idle stream must not keep the memory that a burst needed
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

// came records that the first n bytes of the room have been filled. A source that fills
// all of the room gets more next time, and a source that fills little of it gets less.
func (b *buffer) came(n int) {
	switch room := cap(b.array) - len(b.array); {
	case n == room:
		b.size = min(2*cap(b.array), largestArray)
	case n < room/4:
		b.size = smallestArray
	}
	b.array = b.array[:len(b.array)+n]
}
