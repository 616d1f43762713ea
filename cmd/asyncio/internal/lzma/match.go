package lzma

const (
	minMatch = 2
	maxMatch = 273
	nice     = 64 // a match of that length is taken without looking further
	depth    = 32 // how many places are looked at
	hashBits = 18
)

// A match is an earlier place with the same bytes.
type match struct {
	length   int
	distance uint32 // from 0, the byte before
}

// A finder finds matches. Places whose next four bytes have one hash are in a binary tree,
// sorted by what follows, with the newest at its root.
type finder struct {
	data  []byte
	two   []int32 // the last place with these two bytes, or -1
	three []int32 // and with that hash of three
	root  []int32
	sons  []int32 // two for each place
	pos   int
	found []match
}

func newFinder(data []byte) *finder {
	f := &finder{
		data: data,
		two:  make([]int32, 1<<16), three: make([]int32, 1<<hashBits), root: make([]int32, 1<<hashBits),
		sons: make([]int32, 2*len(data)),
	}
	for _, table := range [][]int32{f.two, f.three, f.root} {
		for i := range table {
			table[i] = -1
		}
	}
	return f
}

// next returns the matches at the next place, the longest last: the nearest of each length. They
// hold until the next call.
func (f *finder) next() []match {
	f.found = f.found[:0]
	pos, rest := f.pos, f.data[f.pos:]
	f.pos++
	most := min(maxMatch, len(rest))
	if most < 4 {
		return nil
	}
	best := f.short(&f.two[uint32(rest[0])|uint32(rest[1])<<8], pos, 1, most)
	word := uint32(rest[0]) | uint32(rest[1])<<8 | uint32(rest[2])<<16
	best = f.short(&f.three[hash(word)], pos, max(best, 2), most)
	f.tree(&f.root[hash(word|uint32(rest[3])<<24)], pos, max(best, 3), most)
	return f.found
}

func hash(word uint32) uint32 { return word * 2654435761 >> (32 - hashBits) }

// short looks at the last place of a table, and returns the length of the longest match.
func (f *finder) short(last *int32, pos, best, most int) int {
	at := int(*last)
	*last = int32(pos)
	if at < 0 {
		return best
	}
	if n := f.same(at, pos, 0, most); n > best {
		best = n
		f.found = append(f.found, match{n, uint32(pos - at - 1)})
	}
	return best
}

// same returns how many bytes are the same at two places, of which the first ones are
// known to be.
func (f *finder) same(a, b, known, most int) int {
	for known < most && f.data[a+known] == f.data[b+known] {
		known++
	}
	return known
}

// tree puts the place at the root, and parts what was there into what sorts before and
// after it.
func (f *finder) tree(root *int32, pos, best, most int) {
	at := int(*root)
	*root = int32(pos)
	before, after := &f.sons[2*pos], &f.sons[2*pos+1]
	knownBefore, knownAfter := 0, 0
	for range depth {
		if at < 0 {
			break
		}
		n := f.same(at, pos, min(knownBefore, knownAfter), most)
		if n > best {
			best = n
			f.found = append(f.found, match{n, uint32(pos - at - 1)})
		}
		if n == most { // it takes the place of that one
			*before, *after = f.sons[2*at], f.sons[2*at+1]
			return
		}
		if f.data[at+n] < f.data[pos+n] {
			*before = int32(at)
			before = &f.sons[2*at+1]
			at, knownBefore = int(*before), n
		} else {
			*after = int32(at)
			after = &f.sons[2*at]
			at, knownAfter = int(*after), n
		}
	}
	*before, *after = -1, -1
}
