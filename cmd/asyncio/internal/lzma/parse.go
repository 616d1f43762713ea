package lzma

import "math"

// span is how many bytes are looked at together, to find the cheapest symbols for them.
const span = 4096

// A node is a place, and the cheapest way to it so far.
type node struct {
	price price
	by    way // the last part of it
	state uint8
	reps  [4]uint32
}

// A way is up to three symbols in a row: one; or a byte and a match at the last distance; or
// a match, a byte, and a match at the same distance. The last two are tried as a whole, for
// places in their middle are often reached in a cheaper way, from which the distance is
// another one.
type way struct {
	symbols [3]symbol
	count   int8
	length  int32 // in bytes
}

// longestWay is two of the longest matches, and a byte.
const longestWay = 2*maxMatch + 1

func (w way) then(s symbol) way {
	w.symbols[w.count] = s
	w.count++
	w.length += s.length
	return w
}

// parse returns the cheapest symbols for what comes next. It goes from place to place,
// each of which is reached in the cheapest way when its turn comes, as all symbols lead
// forwards, and ends where all ways meet, or at a match that is long enough.
func (p *packer) parse() []symbol {
	p.nodes[0] = node{state: p.state, reps: p.reps}
	i, end := 0, 0
	var last symbol
	for ; i == 0 || i < end && i < span; i++ {
		n := &p.nodes[i]
		if i > 0 {
			from := &p.nodes[i-int(n.by.length)]
			n.state, n.reps = from.state, from.reps
			for _, s := range n.by.symbols[:n.by.count] {
				n.state, n.reps = s.apply(n.state, n.reps)
			}
		}
		matches := p.finder.next()
		if last = p.long(p.pos+i, n, matches); last.length > 0 {
			break
		}
		end = p.relax(i, end, matches)
	}
	p.path = p.path[:0]
	if last.length > 0 {
		p.path = append(p.path, last)
		for range last.length - 1 {
			p.finder.next()
		}
	}
	for i > 0 {
		by := p.nodes[i].by
		for k := by.count - 1; k >= 0; k-- {
			p.path = append(p.path, by.symbols[k])
		}
		i -= int(by.length)
	}
	for a, b := 0, len(p.path)-1; a < b; a, b = a+1, b-1 {
		p.path[a], p.path[b] = p.path[b], p.path[a]
	}
	return p.path
}

// long returns a match that is so long that nothing else need be tried; its length is 0
// if there is none.
func (p *packer) long(pos int, n *node, matches []match) symbol {
	for k, distance := range n.reps {
		if length := p.again(pos, distance); length >= nice {
			return symbol{int8(k), int32(length), distance}
		}
	}
	if len(matches) > 0 {
		if m := matches[len(matches)-1]; m.length >= nice {
			return symbol{fresh, int32(m.length), m.distance}
		}
	}
	return symbol{}
}

// again returns how many bytes are the same at a distance.
func (p *packer) again(pos int, distance uint32) int {
	from := pos - 1 - int(distance)
	if from < 0 {
		return 0
	}
	return p.finder.same(from, pos, 0, min(maxMatch, len(p.data)-pos))
}

// relax tries every symbol at a place. It returns how far they lead.
func (p *packer) relax(i, end int, matches []match) int {
	n, pos := p.nodes[i], p.pos+i
	before, other := p.around(pos, n.reps[0])
	b := p.data[pos]
	one := way{}.then(symbol{literal, 1, 0})
	cost := n.price + bitPrice(p.model.isMatch[n.state], 0) + p.model.literalPrice(n.state, before, other, b)
	end = p.reach(i, end, one, cost)
	if other != b {
		end = p.again0(i, end, one, cost, afterLiteral(n.state), n.reps[0])
	}
	if int(n.reps[0]) < pos && other == b {
		short := bitPrice(p.model.isMatch[n.state], 1) + bitPrice(p.model.isRep[n.state], 1) +
			bitPrice(p.model.notFirst[n.state], 0) + bitPrice(p.model.isLong[n.state], 0)
		end = p.reach(i, end, way{}.then(symbol{0, 1, n.reps[0]}), n.price+short)
	}
	for k, distance := range n.reps {
		most := p.again(pos, distance)
		if most < minMatch {
			continue
		}
		base := n.price + whichPrice(p.model, n.state, k)
		for length := minMatch; length <= most; length++ {
			end = p.reach(i, end, way{}.then(symbol{int8(k), int32(length), distance}), base+p.prices.again[length])
		}
		end = p.resume(i, end, n.state, symbol{int8(k), int32(most), distance}, base+p.prices.again[most])
	}
	base, length := n.price+matchedPrice(p.model, n.state), minMatch
	for _, m := range matches {
		for ; length <= m.length; length++ {
			cost := base + p.prices.length[length] + p.prices.distance(length, m.distance)
			s := symbol{fresh, int32(length), m.distance}
			end = p.reach(i, end, way{}.then(s), cost)
			if length == m.length {
				end = p.resume(i, end, n.state, s, cost)
			}
		}
	}
	return end
}

// resume tries, behind a match, a byte that is another one, and then more of the same.
func (p *packer) resume(i, end int, state uint8, match symbol, cost price) int {
	pos := p.pos + i + int(match.length)
	if pos+1+minMatch > len(p.data) {
		return end
	}
	if match.kind == fresh {
		state = afterMatch(state)
	} else {
		state = afterRep(state)
	}
	before, other := p.around(pos, match.distance)
	cost += bitPrice(p.model.isMatch[state], 0) + p.model.literalPrice(state, before, other, p.data[pos])
	w := way{}.then(match).then(symbol{literal, 1, 0})
	return p.again0(i, end, w, cost, afterLiteral(state), match.distance)
}

// again0 tries a match at the last distance behind a way.
func (p *packer) again0(i, end int, w way, cost price, state uint8, distance uint32) int {
	pos := p.pos + i + int(w.length)
	if pos+minMatch > len(p.data) {
		return end
	}
	length := p.again(pos, distance)
	if length < minMatch {
		return end
	}
	cost += whichPrice(p.model, state, 0) + p.prices.again[length]
	return p.reach(i, end, w.then(symbol{0, int32(length), distance}), cost)
}

// reach notes a way to a place, if it is the cheapest.
func (p *packer) reach(from, end int, by way, cost price) int {
	to := from + int(by.length)
	for ; end < to; end++ {
		p.nodes[end+1].price = math.MaxUint32
	}
	if cost < p.nodes[to].price {
		p.nodes[to].price, p.nodes[to].by = cost, by
	}
	return end
}
