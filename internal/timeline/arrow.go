package timeline

import "strconv"

// The sides of a cell to which a line goes.
const (
	up = 1 << iota
	down
	left
	right
)

// Where a message comes from, for its head.
const (
	fromAbove = iota
	fromBelow
	fromBoth
	fromLeft
	sides
)

// arrows are the messages of a chart on the cells of a drawing, before they are put into
// it.
type arrows struct {
	lines [][]stroke // as the lines of the drawing
	heads [][]head
}

// A stroke is the part of arrows in one cell.
type stroke struct {
	sides uint8
	kind  MessageKind // the rarest of them
}

// A head is what ends in one cell.
type head struct {
	counts [Lost + 1]int // by kind
	from   [sides]bool
}

// bands draws the lanes, and what is sent from one to another.
func (o Options) bands(c Chart, lines []line, lanes []int, s scale) {
	for i, b := range c.Bands {
		lines[lanes[i]].cells = o.lane(b, s)
	}
	o.messages(c, lines, lanes, s)
	for i, b := range c.Bands {
		o.sayDown(lines[lanes[i]].cells, b, s)
	}
}

func (o Options) messages(c Chart, lines []line, lanes []int, s scale) {
	if len(c.Messages) == 0 {
		return
	}
	a := arrows{make([][]stroke, len(lines)), make([][]head, len(lines))}
	for i := range lines {
		a.lines[i], a.heads[i] = make([]stroke, s.width), make([]head, s.width)
	}
	for _, m := range c.Messages {
		a.add(m, lanes[m.From], lanes[m.To], s)
	}
	isLane := make([]bool, len(lines))
	for _, i := range lanes {
		isLane[i] = true
	}
	for i := range lines {
		if isLane[i] {
			o.drawOnLane(lines[i].cells, a.lines[i], a.heads[i])
		} else {
			o.drawOnRow(lines[i].cells, a.lines[i])
		}
	}
}

// lane draws when a host is up. That it goes down is seen even if it comes up again in the
// same column.
func (o Options) lane(b Band, s scale) []cell {
	cells := make([]cell, s.width)
	for c := range cells {
		cells[c] = cell{" ", RoleNone}
	}
	for _, p := range b.Up {
		for c := s.col(p.From); c <= s.col(p.To) && p.To >= 0; c++ {
			cells[c] = cell{o.Glyphs.Lane, RoleLane}
		}
	}
	for _, p := range b.Up {
		if 0 <= p.To && p.To < s.length {
			cells[s.col(p.To)] = cell{o.Glyphs.Down, RoleDown}
		}
	}
	return cells
}

// sayDown writes into a lane, where there is room for it, that the host is down.
func (o Options) sayDown(cells []cell, b Band, s scale) {
	const text = " down "
	for i, p := range b.Up {
		begin, end := 0, s.width
		if p.To >= 0 { // else it was down before the drawing begins
			begin = s.col(p.To) + 1
		}
		if i+1 < len(b.Up) {
			end = s.col(b.Up[i+1].From)
		}
		free := 0
		for c := begin; c < end && p.To < s.length; c++ {
			if free++; cells[c].role != RoleNone {
				free = 0
			}
			if free == len(text) {
				o.put(cells, c+1-free, text)
				break
			}
		}
	}
}

// add draws a message: from the lane of the sender, at the time of sending, straight to
// the lane of the receiver, and along that until it arrives.
func (a *arrows) add(m Message, from, to int, s scale) {
	begin, end := s.col(m.Sent), s.col(m.Arrives)
	if m.Kind == Lost || m.Arrives-m.Sent < s.from(1) { // it is no longer than a column
		end = begin
	}
	here, there, side := down, up, fromAbove
	if to < from {
		here, there, side = up, down, fromBelow
	}
	if m.Sent >= 0 { // else it began before the drawing
		a.stroke(from, begin, left|right|here, m.Kind)
		for i := min(from, to) + 1; i < max(from, to); i++ {
			a.stroke(i, begin, up|down, m.Kind)
		}
		a.stroke(to, begin, there, m.Kind)
	}
	for col := begin; col < end; col++ {
		a.stroke(to, col, right, m.Kind)
		a.stroke(to, col+1, left, m.Kind)
		side = fromLeft
	}
	if m.Arrives <= s.length {
		h := &a.heads[to][end]
		h.counts[m.Kind]++
		h.from[side] = true
	}
}

func (a *arrows) stroke(line, col, sides int, kind MessageKind) {
	s := &a.lines[line][col]
	s.sides |= uint8(sides)
	s.kind = max(s.kind, kind)
}

// drawOnRow draws arrows that cross a row. They are behind what the task does and behind
// what is written there, and in front of its waits.
func (o Options) drawOnRow(cells []cell, strokes []stroke) {
	for c, s := range strokes {
		if s.sides == 0 {
			continue
		}
		switch cells[c].role {
		case RoleWaiting:
			cells[c] = cell{o.Glyphs.Lines[up|down|left|right], s.kind.role()}
		case RoleNone, RoleReady:
			cells[c] = cell{o.Glyphs.Lines[s.sides], s.kind.role()}
		}
	}
}

// drawOnLane draws where arrows begin and end. Behind a head comes how many messages end
// there, if there is room.
func (o Options) drawOnLane(cells []cell, strokes []stroke, heads []head) {
	for c := range cells {
		if cells[c].role == RoleDown {
			continue
		}
		if kind, count := heads[c].rarest(); count > 0 {
			cells[c] = cell{o.Glyphs.Heads[kind][heads[c].side()], kind.role()}
		} else if s := strokes[c]; s.sides != 0 {
			cells[c] = cell{o.Glyphs.Lines[s.sides], s.kind.role()}
		}
	}
	for c := range heads {
		if _, count := heads[c].rarest(); count > 1 && cells[c].role != RoleDown {
			o.count(cells[c+1:], count)
		}
	}
}

func (o Options) count(cells []cell, count int) {
	digits := strconv.Itoa(count)
	for i := range digits {
		if i >= len(cells) || cells[i].role != RoleLane {
			return
		}
	}
	if len(digits) < len(cells) && cells[len(digits)].role == RoleCount {
		return
	}
	for i, d := range digits {
		cells[i] = cell{string(d), RoleCount}
	}
}

// rarest returns the rarest kind that ends here, and how many messages of that do.
func (h *head) rarest() (MessageKind, int) {
	for kind := Lost; ; kind-- {
		if h.counts[kind] > 0 || kind == Data {
			return kind, h.counts[kind]
		}
	}
}

func (h *head) side() int {
	switch {
	case h.from[fromAbove] && h.from[fromBelow]:
		return fromBoth
	case h.from[fromAbove]:
		return fromAbove
	case h.from[fromBelow]:
		return fromBelow
	default:
		return fromLeft
	}
}

func (k MessageKind) role() Role { return RoleData + Role(k) }
