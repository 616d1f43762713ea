package pages

// A block is a part of a page, of some lines.
type block struct {
	min  int // without so many lines it is not worth having
	good int // so many are enough
	want int // so many would show all of it
	draw func(height int) []string
}

// stack gives each block its lines, the first ones before all others: their least, then
// what is good, then all that they want. Then it draws those that are named in order.
func stack(room int, blocks []block) (lines [][]string) {
	heights := make([]int, len(blocks))
	for i, b := range blocks {
		if b.min <= room {
			heights[i], room = b.min, room-b.min
		}
	}
	grow := func(to func(block) int) {
		for i, b := range blocks {
			if b.min > 0 && heights[i] == 0 {
				continue // there is no room for it
			}
			more := min(max(to(b)-heights[i], 0), room)
			heights[i], room = heights[i]+more, room-more
		}
	}
	grow(func(b block) int { return b.good })
	grow(func(b block) int { return b.want })
	lines = make([][]string, len(blocks))
	for i, b := range blocks {
		if heights[i] > 0 {
			drawn := b.draw(heights[i])
			lines[i] = drawn[:min(len(drawn), heights[i])]
		}
	}
	return lines
}

// fixed is a block of lines that cannot be shortened.
func fixed(lines []string) block {
	return block{len(lines), len(lines), len(lines), func(int) []string { return lines }}
}

// tail is a block whose last lines matter most.
func tail(least int, lines []string) block {
	return block{min(least, len(lines)), min(6, len(lines)), len(lines), func(height int) []string {
		return lines[max(len(lines)-height, 0):]
	}}
}
