package pages

// A block is a part of a page, of some lines.
type block struct {
	min  int  // without so many lines it is not worth having
	good int  // so many are enough
	want int  // so many would show all of it
	late bool // it comes only when the others have what is good for them
	draw func(height int) []string
}

// stack gives each block its lines, the first ones before all others: their least, then
// what is good, then all that they want. It returns what each of them draws.
func stack(room int, blocks []block) (lines [][]string) {
	heights := make([]int, len(blocks))
	begin := func(late bool) {
		for i, b := range blocks {
			if b.late == late && b.min <= room {
				heights[i], room = b.min, room-b.min
			}
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
	begin(false)
	grow(func(b block) int { return b.good })
	begin(true)
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
	n := len(lines)
	return block{min: n, good: n, want: n, draw: func(int) []string { return lines }}
}

// late is a block of lines that others come before.
func late(lines ...string) block {
	b := fixed(lines)
	b.late = true
	return b
}

// tail is a block of which the last lines matter most. There will be so many in the end:
// their room is kept, so that nothing moves while they come.
func tail(least, total int, lines []string) block {
	return block{min: min(least, total), good: min(4, total), want: total, draw: func(height int) []string {
		lines := lines[max(len(lines)-height, 0):]
		for len(lines) < height {
			lines = append(lines, "")
		}
		return lines
	}}
}
