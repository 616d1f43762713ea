package trace

import (
	"maps"
	"slices"
)

// A ring is the newest blocks of a recorder, and what is known of those that were
// dropped.
type ring struct {
	limit  int // in bytes; negative: none
	bytes  int
	newest int64 // the time of the newest event
	all    []*block
	spare  []*block // to be used again
	pasts  map[int]*past
	ended  []loopInfo // loops that have ended and have blocks, or had
	gone   uint64     // events of loops that have none any more
}

// spareBlocks is how many blocks are kept to be used again.
const spareBlocks = 8

// newBlock returns an empty block.
func (r *ring) newBlock(loop int) *block {
	n := len(r.spare)
	if n == 0 {
		return &block{loop: loop}
	}
	b := r.spare[n-1]
	r.spare = r.spare[:n-1]
	b.loop = loop
	return b
}

// add puts a block into the ring, and drops the oldest ones if there is no room. The
// newest one is always kept.
func (r *ring) add(b *block) {
	if len(b.records) == 0 {
		r.recycle(b)
		return
	}
	r.newest = max(r.newest, b.newest())
	r.bytes += b.bytes()
	r.all = append(r.all, b)
	for r.limit >= 0 && r.bytes > r.limit && len(r.all) > 1 {
		r.drop(r.all[0])
		r.all[0] = nil
		r.all = r.all[1:]
	}
}

func (r *ring) drop(b *block) {
	r.bytes -= b.bytes()
	p := r.pasts[b.loop]
	if p == nil {
		p = newPast()
		r.pasts[b.loop] = p
	}
	p.drop(b)
	if i := slices.IndexFunc(r.ended, func(l loopInfo) bool { return l.number == b.loop }); i >= 0 && !r.has(b.loop, b) {
		r.gone += p.dropped
		r.ended = slices.Delete(r.ended, i, i+1)
		delete(r.pasts, b.loop)
	}
	r.recycle(b)
}

// has reports whether the ring has another block of a loop.
func (r *ring) has(loop int, other *block) bool {
	return slices.ContainsFunc(r.all, func(b *block) bool { return b != other && b.loop == loop })
}

// recycle keeps a block to be used again, unless a Recording has it.
func (r *ring) recycle(b *block) {
	if b.shared || len(r.spare) == spareBlocks {
		return
	}
	clear(b.texts)
	b.records, b.texts = b.records[:0], b.texts[:0]
	r.spare = append(r.spare, b)
}

// blocks returns all blocks for a Recording, which begins with what is known of the
// past.
func (r *ring) blocks() (blocks []*block) {
	for _, loop := range slices.Sorted(maps.Keys(r.pasts)) {
		blocks = append(blocks, r.pasts[loop].blocks(loop)...)
	}
	for _, b := range r.all {
		b.shared = true
	}
	return append(blocks, r.all...)
}

// dropped returns how many events of a loop are dropped.
func (r *ring) dropped(loop int) uint64 {
	if p := r.pasts[loop]; p != nil {
		return p.dropped
	}
	return 0
}

// infos returns the loops that have ended.
func (r *ring) infos() (infos []loopInfo) {
	for _, l := range r.ended {
		l.dropped = r.dropped(l.number)
		infos = append(infos, l)
	}
	return infos
}
