package lzma_test

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"testing"
)

func zipped(t *testing.T, data []byte) int {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write(data) // a buffer takes everything
	_ = z.Close()
	return b.Len()
}

// A decoder is the one of the specification, as short as it can be, for lp = pb = 0.
type decoder struct {
	in          []byte
	code, width uint32
	out         []byte

	match, rep, first, second, fourth, long [12]uint16
	literals                                [8][0x300]uint16
	lengths                                 [2]struct {
		choice      [2]uint16
		low, middle [8]uint16
		high        [256]uint16
	}
	slots   [4][64]uint16
	special [128]uint16
	align   [16]uint16
}

var errDamaged = errors.New("damaged")

// bit reads a bit. A probability is kept as its difference from a half, so that it is one
// from the beginning.
func (d *decoder) bit(p *uint16) int {
	now := uint32(*p + 1024)
	bound := d.width >> 11 * now
	bit := 0
	if d.code < bound {
		d.width = bound
		*p += uint16((2048 - now) >> 5)
	} else {
		d.width, d.code, bit = d.width-bound, d.code-bound, 1
		*p -= uint16(now >> 5)
	}
	d.fill()
	return bit
}

func (d *decoder) fill() {
	if d.width >= 1<<24 {
		return
	}
	b := byte(0)
	if len(d.in) > 0 {
		b, d.in = d.in[0], d.in[1:]
	}
	d.width, d.code = d.width<<8, d.code<<8|uint32(b)
}

func (d *decoder) tree(probs []uint16, bits int) int {
	m := 1
	for range bits {
		m = m<<1 | d.bit(&probs[m])
	}
	return m - 1<<bits
}

func (d *decoder) reverse(probs []uint16, bits int) (value int) {
	m := 1
	for i := range bits {
		b := d.bit(&probs[m])
		m, value = m<<1|b, value|b<<i
	}
	return value
}

func (d *decoder) length(which int) int {
	l := &d.lengths[which]
	if d.bit(&l.choice[0]) == 0 {
		return 2 + d.tree(l.low[:], 3)
	}
	if d.bit(&l.choice[1]) == 0 {
		return 10 + d.tree(l.middle[:], 3)
	}
	return 18 + d.tree(l.high[:], 8)
}

func (d *decoder) distance(length int) int {
	slot := d.tree(d.slots[min(length-2, 3)][:], 6)
	if slot < 4 {
		return slot
	}
	bits := slot>>1 - 1
	base := (2 | slot&1) << bits
	if slot < 14 {
		return base + d.reverse(d.special[base-slot:], bits)
	}
	direct := 0
	for range bits - 4 {
		d.width >>= 1
		b := 0
		if d.code >= d.width {
			d.code, b = d.code-d.width, 1
		}
		direct = direct<<1 | b
		d.fill()
	}
	return base + direct<<4 + d.reverse(d.align[:], 4)
}

func (d *decoder) literal(state, rep int) byte {
	before, m := byte(0), 1
	if n := len(d.out); n > 0 {
		before = d.out[n-1]
	}
	probs := &d.literals[before>>5]
	if state >= 7 {
		other := int(d.out[len(d.out)-1-rep])
		for m < 0x100 {
			guess := other >> 7 & 1
			other <<= 1
			b := d.bit(&probs[(1+guess)<<8+m])
			if m = m<<1 | b; guess != b {
				break
			}
		}
	}
	for m < 0x100 {
		m = m<<1 | d.bit(&probs[m])
	}
	return byte(m)
}

func unpack(packed []byte) ([]byte, error) {
	if len(packed) < 18 || packed[0] != 3 {
		return nil, errDamaged
	}
	size := int(binary.LittleEndian.Uint64(packed[5:]))
	d := &decoder{in: packed[18:], code: binary.BigEndian.Uint32(packed[14:]), width: 0xFFFFFFFF}
	state, reps := 0, [4]int{}
	for len(d.out) < size {
		if d.bit(&d.match[state]) == 0 {
			d.out = append(d.out, d.literal(state, reps[0]))
			state = []int{0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 4, 5}[state]
			continue
		}
		after, length, k := 0, 0, 0
		if d.bit(&d.rep[state]) == 0 {
			length = d.length(0)
			reps = [4]int{d.distance(length), reps[0], reps[1], reps[2]}
			after = 7
		} else {
			if d.bit(&d.first[state]) == 1 {
				if k = 1; d.bit(&d.second[state]) == 1 {
					k = 2 + d.bit(&d.fourth[state])
				}
			} else if d.bit(&d.long[state]) == 0 {
				length, after = 1, 9
			}
			if length == 0 {
				length, after = d.length(1), 8
			}
			this := reps[k]
			copy(reps[1:k+1], reps[:k])
			reps[0] = this
		}
		if state >= 7 {
			after = max(10, min(after+3, 11))
		}
		if state = after; reps[0] >= len(d.out) || length > size-len(d.out) {
			return d.out, errDamaged
		}
		for range length {
			d.out = append(d.out, d.out[len(d.out)-1-reps[0]])
		}
	}
	return d.out, nil
}
