package trace

// A record is an Event as it is kept: of fixed size and without pointers, so that
// hundreds of thousands of them are nothing to the garbage collector.
type record struct {
	at, from int64  // nanoseconds since the recording's start
	task     uint64 // 0: none
	arg      uint64 // a number, as the kind has it
	n        uint32 // another one
	text     uint16 // a text of the block, from 1; 0: none
	kind     Kind
	label    uint8 // a label of the recording, from 1; 0: none
}

// maxTexts is how many texts a block has at most.
const maxTexts = 1<<16 - 1

// A block is records of one loop, in the order in which they were written. It is not
// changed any more once it is shared.
type block struct {
	loop    int
	records []record
	texts   []string
}

func (b *block) text(r *record) string {
	if r.text == 0 {
		return ""
	}
	return b.texts[r.text-1]
}

// events returns how many events the records are: the places of a creation are a part
// of it.
func (b *block) events() (n uint64) {
	for i := range b.records {
		if b.records[i].kind != site {
			n++
		}
	}
	return n
}

// note puts a text into the block and returns its place.
func (b *block) note(text string) uint16 {
	if text == "" {
		return 0
	}
	b.texts = append(b.texts, text)
	return uint16(len(b.texts))
}
