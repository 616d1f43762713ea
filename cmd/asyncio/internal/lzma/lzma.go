// Package lzma packs programs for a browser, which unpacks them with lzma.js of
// console/page. A Go program becomes a third shorter than with gzip. It writes the format
// of the files that end in .lzma, which xz knows as well.
//
// The format is described in "LZMA specification" of the LZMA SDK, by Igor Pavlov, who
// has placed it in the public domain.
package lzma

import (
	"encoding/binary"
	"math/bits"
)

// Pack returns data packed. It takes about a second for each megabyte, and ten times as much
// memory as data has.
func Pack(data []byte) []byte {
	header := []byte{properties}
	window := uint32(1) << bits.Len32(max(uint32(len(data)), 1<<12)) // how far matches go back; xz wants a power of two
	header = binary.LittleEndian.AppendUint32(header, window)
	header = binary.LittleEndian.AppendUint64(header, uint64(len(data)))
	p := &packer{data: data, finder: newFinder(data), model: newModel(), out: newRangeEncoder()}
	p.prices.update(p.model)
	for p.pos < len(data) {
		p.write(p.parse())
	}
	return append(header, p.out.finish()...)
}

// A packer writes symbols: bytes, and matches with what was before.
type packer struct {
	data   []byte
	finder *finder
	model  *model
	prices prices
	out    *rangeEncoder
	nodes  [span + longestWay + 1]node
	path   []symbol

	pos   int
	state uint8
	reps  [4]uint32 // the distances of the last matches
}

// A symbol is a step of length bytes. Kinds up to 3 are matches at one of the last
// distances; one with the length 1 is a byte.
type symbol struct {
	kind     int8
	length   int32
	distance uint32
}

const (
	literal = -1
	fresh   = 4 // a match at a new distance
)

func (p *packer) write(path []symbol) {
	for _, s := range path {
		p.symbol(s)
		p.state, p.reps = s.apply(p.state, p.reps)
		p.pos += int(s.length)
	}
	if p.prices.age += len(path); p.prices.age >= refresh {
		p.prices.update(p.model)
	}
}

// apply returns the state and the last distances after a symbol.
func (s symbol) apply(state uint8, reps [4]uint32) (uint8, [4]uint32) {
	switch {
	case s.kind == literal:
		return afterLiteral(state), reps
	case s.kind == fresh:
		return afterMatch(state), [4]uint32{s.distance, reps[0], reps[1], reps[2]}
	case s.length == 1:
		return afterShort(state), reps
	}
	this := reps[s.kind]
	copy(reps[1:s.kind+1], reps[:s.kind])
	reps[0] = this
	return afterRep(state), reps
}

func (p *packer) symbol(s symbol) {
	e, m, state := p.out, p.model, p.state
	if s.kind == literal {
		e.bit(&m.isMatch[state], 0)
		before, other := p.around(p.pos, p.reps[0])
		m.writeLiteral(e, state, before, other, p.data[p.pos])
		return
	}
	e.bit(&m.isMatch[state], 1)
	if s.kind == fresh {
		e.bit(&m.isRep[state], 0)
		m.writeLength(e, &m.lengths, int(s.length))
		m.writeDistance(e, int(s.length), s.distance)
		return
	}
	e.bit(&m.isRep[state], 1)
	p.which(s)
	if s.length > 1 {
		m.writeLength(e, &m.again, int(s.length))
	}
}

// which writes which of the last distances it is.
func (p *packer) which(s symbol) {
	e, m, state := p.out, p.model, p.state
	if s.kind == 0 {
		e.bit(&m.notFirst[state], 0)
		e.bit(&m.isLong[state], uint32(min(s.length-1, 1)))
		return
	}
	e.bit(&m.notFirst[state], 1)
	e.bit(&m.notSecond[state], uint32(min(s.kind-1, 1)))
	if s.kind > 1 {
		e.bit(&m.isFourth[state], uint32(s.kind-2))
	}
}

// around returns the byte before a place, and the one at a distance.
func (p *packer) around(pos int, distance uint32) (before, other byte) {
	if pos > 0 {
		before = p.data[pos-1]
	}
	if int(distance) < pos {
		other = p.data[pos-1-int(distance)]
	}
	return before, other
}
