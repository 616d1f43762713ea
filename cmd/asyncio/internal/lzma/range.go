package lzma

// A prob is how probable a 0 is, of 2048.
type prob uint16

const (
	probBits = 11
	probHalf = 1 << (probBits - 1)
	moveBits = 5 // how fast it follows what comes
)

func initProbs(all []prob) {
	for i := range all {
		all[i] = probHalf
	}
}

// A rangeEncoder writes bits, each in as much room as it is improbable.
type rangeEncoder struct {
	out       []byte
	low       uint64
	width     uint32
	cache     byte // the last byte, to which a carry may come
	cacheSize int  // it, and the bytes 0xFF behind it
}

func newRangeEncoder() *rangeEncoder { return &rangeEncoder{width: 0xFFFFFFFF, cacheSize: 1} }

func (e *rangeEncoder) bit(p *prob, bit uint32) {
	bound := e.width >> probBits * uint32(*p)
	if bit == 0 {
		e.width = bound
		*p += (1<<probBits - *p) >> moveBits
	} else {
		e.low += uint64(bound)
		e.width -= bound
		*p -= *p >> moveBits
	}
	e.normalize()
}

// direct writes bits that are as often 0 as 1.
func (e *rangeEncoder) direct(value uint32, bits int) {
	for i := bits - 1; i >= 0; i-- {
		e.width >>= 1
		if value>>i&1 == 1 {
			e.low += uint64(e.width)
		}
		e.normalize()
	}
}

func (e *rangeEncoder) normalize() {
	for e.width < 1<<24 {
		e.width <<= 8
		e.shiftLow()
	}
}

func (e *rangeEncoder) shiftLow() {
	if e.low < 0xFF000000 || e.low>>32 != 0 {
		carry := byte(e.low >> 32)
		for b := e.cache; e.cacheSize > 0; e.cacheSize-- {
			e.out = append(e.out, b+carry)
			b = 0xFF
		}
		e.cache = byte(e.low >> 24)
	}
	e.cacheSize++
	e.low = e.low << 8 & 0xFFFFFFFF
}

func (e *rangeEncoder) finish() []byte {
	for range 5 {
		e.shiftLow()
	}
	return e.out
}

// tree writes the bits of a value, the highest first, each with a probability that depends
// on those before it.
func (e *rangeEncoder) tree(probs []prob, bits int, value uint32) {
	node := uint32(1)
	for i := bits - 1; i >= 0; i-- {
		bit := value >> i & 1
		e.bit(&probs[node], bit)
		node = node<<1 | bit
	}
}

// reverseTree is tree with the lowest bit first.
func (e *rangeEncoder) reverseTree(probs []prob, bits int, value uint32) {
	node := uint32(1)
	for range bits {
		bit := value & 1
		e.bit(&probs[node], bit)
		node = node<<1 | bit
		value >>= 1
	}
}
