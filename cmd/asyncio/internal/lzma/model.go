package lzma

import "math/bits"

// What the decoder is told: literals depend on the three highest bits of the byte before
// (lc), and nothing depends on the place (lp, pb), since WebAssembly has no columns.
const (
	lc         = 3
	properties = lc // (pb*5 + lp)*9 + lc
)

const (
	states      = 12
	firstMatch  = 7 // states from here on are those after a match
	lenStates   = 4
	shortSlots  = 14 // distances of these slots have all of their bits modelled
	modelled    = 128
	alignBits   = 4
	lowLengths  = 8
	highLengths = 256
)

// A model is what was seen so far, as probabilities.
type model struct {
	isMatch, isRep, notFirst, notSecond, isFourth, isLong [states]prob

	literals [1 << lc][0x300]prob
	lengths  lengthModel
	again    lengthModel // of matches at a distance that was there before
	slots    [lenStates][64]prob
	special  [modelled]prob
	align    [1 << alignBits]prob
}

type lengthModel struct {
	choice [2]prob
	low    [lowLengths]prob
	middle [lowLengths]prob
	high   [highLengths]prob
}

func newModel() *model {
	m := &model{}
	for _, all := range [][]prob{
		m.isMatch[:], m.isRep[:], m.notFirst[:], m.notSecond[:], m.isFourth[:], m.isLong[:], m.special[:], m.align[:],
	} {
		initProbs(all)
	}
	for i := range m.literals {
		initProbs(m.literals[i][:])
	}
	for i := range m.slots {
		initProbs(m.slots[i][:])
	}
	for _, l := range []*lengthModel{&m.lengths, &m.again} {
		initProbs(l.choice[:])
		initProbs(l.low[:])
		initProbs(l.middle[:])
		initProbs(l.high[:])
	}
	return m
}

// The states that follow one.
func afterLiteral(s uint8) uint8 {
	switch {
	case s < 4:
		return 0
	case s < 10:
		return s - 3
	}
	return s - 6
}

func afterMatch(s uint8) uint8 { return after(s, 7, 10) }
func afterRep(s uint8) uint8   { return after(s, 8, 11) }
func afterShort(s uint8) uint8 { return after(s, 9, 11) }

func after(s, literal, match uint8) uint8 {
	if s < firstMatch {
		return literal
	}
	return match
}

func lenState(length int) int { return min(length-minMatch, lenStates-1) }

// slotOf returns the two highest bits of a distance and how many bits it has.
func slotOf(distance uint32) uint32 {
	if distance < 4 {
		return distance
	}
	n := uint32(bits.Len32(distance) - 1)
	return n<<1 | distance>>(n-1)&1
}

// footer returns the bits of a distance that its slot does not tell, and what it tells.
func footer(slot uint32) (bits int, base uint32) {
	bits = int(slot>>1) - 1
	return bits, (2 | slot&1) << bits
}

func (m *model) writeLength(e *rangeEncoder, l *lengthModel, length int) {
	n := uint32(length - minMatch)
	switch {
	case n < lowLengths:
		e.bit(&l.choice[0], 0)
		e.tree(l.low[:], 3, n)
	case n < 2*lowLengths:
		e.bit(&l.choice[0], 1)
		e.bit(&l.choice[1], 0)
		e.tree(l.middle[:], 3, n-lowLengths)
	default:
		e.bit(&l.choice[0], 1)
		e.bit(&l.choice[1], 1)
		e.tree(l.high[:], 8, n-2*lowLengths)
	}
}

func lengthPrice(l *lengthModel, length int) price {
	n := uint32(length - minMatch)
	switch {
	case n < lowLengths:
		return bitPrice(l.choice[0], 0) + treePrice(l.low[:], 3, n)
	case n < 2*lowLengths:
		return bitPrice(l.choice[0], 1) + bitPrice(l.choice[1], 0) + treePrice(l.middle[:], 3, n-lowLengths)
	}
	return bitPrice(l.choice[0], 1) + bitPrice(l.choice[1], 1) + treePrice(l.high[:], 8, n-2*lowLengths)
}

func (m *model) writeDistance(e *rangeEncoder, length int, distance uint32) {
	slot := slotOf(distance)
	e.tree(m.slots[lenState(length)][:], 6, slot)
	if slot < 4 {
		return
	}
	bits, base := footer(slot)
	if slot < shortSlots {
		e.reverseTree(m.special[base-slot:], bits, distance-base)
		return
	}
	e.direct((distance-base)>>alignBits, bits-alignBits)
	e.reverseTree(m.align[:], alignBits, distance&(1<<alignBits-1))
}

// writeLiteral writes a byte. After a match it is not the one that stands behind what was
// matched, so that one tells something.
func (m *model) writeLiteral(e *rangeEncoder, state, before, other, b byte) {
	probs := &m.literals[before>>(8-lc)]
	if state < firstMatch {
		e.tree(probs[:0x100], 8, uint32(b))
		return
	}
	offset, symbol, match := uint32(0x100), uint32(b)|0x100, uint32(other)
	for symbol < 0x10000 {
		match <<= 1
		e.bit(&probs[offset+match&offset+symbol>>8], symbol>>7&1)
		symbol <<= 1
		offset &= ^(match ^ symbol)
	}
}

func (m *model) literalPrice(state, before, other, b byte) (sum price) {
	probs := &m.literals[before>>(8-lc)]
	if state < firstMatch {
		return treePrice(probs[:0x100], 8, uint32(b))
	}
	offset, symbol, match := uint32(0x100), uint32(b)|0x100, uint32(other)
	for symbol < 0x10000 {
		match <<= 1
		sum += bitPrice(probs[offset+match&offset+symbol>>8], symbol>>7&1)
		symbol <<= 1
		offset &= ^(match ^ symbol)
	}
	return sum
}
