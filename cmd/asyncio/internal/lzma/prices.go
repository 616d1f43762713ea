package lzma

// refresh is after how many symbols the prices are made anew.
const refresh = 256

// prices are what matches cost with the model as it was a moment ago.
type prices struct {
	length, again [maxMatch + 1]price
	slot          [lenStates][64]price
	short         [lenStates][modelled]price // of distances with all bits modelled
	align         [1 << alignBits]price
	age           int
}

func (p *prices) update(m *model) {
	p.age = 0
	for n := minMatch; n <= maxMatch; n++ {
		p.length[n] = lengthPrice(&m.lengths, n)
		p.again[n] = lengthPrice(&m.again, n)
	}
	for i := range p.align {
		p.align[i] = reverseTreePrice(m.align[:], alignBits, uint32(i))
	}
	for s := range p.slot {
		for slot := range p.slot[s] {
			p.slot[s][slot] = treePrice(m.slots[s][:], 6, uint32(slot))
		}
		for d := range uint32(modelled) {
			slot := slotOf(d)
			p.short[s][d] = p.slot[s][slot]
			if slot >= 4 {
				bits, base := footer(slot)
				p.short[s][d] += reverseTreePrice(m.special[base-slot:], bits, d-base)
			}
		}
	}
}

func (p *prices) distance(length int, distance uint32) price {
	s := lenState(length)
	if distance < modelled {
		return p.short[s][distance]
	}
	slot := slotOf(distance)
	bits, _ := footer(slot)
	return p.slot[s][slot] + price(bits-alignBits)<<priceShift + p.align[distance&(1<<alignBits-1)]
}

// matched is what says that there is a match, at a new distance.
func matchedPrice(m *model, state uint8) price {
	return bitPrice(m.isMatch[state], 1) + bitPrice(m.isRep[state], 0)
}

// whichPrice is what says that a match is at one of the last four distances, and at which.
func whichPrice(m *model, state uint8, rep int) price {
	sum := bitPrice(m.isMatch[state], 1) + bitPrice(m.isRep[state], 1)
	switch rep {
	case 0:
		return sum + bitPrice(m.notFirst[state], 0) + bitPrice(m.isLong[state], 1)
	case 1:
		return sum + bitPrice(m.notFirst[state], 1) + bitPrice(m.notSecond[state], 0)
	}
	return sum + bitPrice(m.notFirst[state], 1) + bitPrice(m.notSecond[state], 1) + bitPrice(m.isFourth[state], uint32(rep-2))
}
