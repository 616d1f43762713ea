package view

import (
	"strconv"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// ProgramTable returns the table of programs, without rows.
func ProgramTable() *Table {
	return &Table{Columns: []Column{
		{Head: "PID", Right: true}, {Head: "PROGRAM", Min: 12}, {Head: "LOOPS", Right: true}, {Head: "TASKS", Right: true},
		{Head: "READY", Right: true}, {Head: "BUSY", Right: true}, {Head: "LAG", Right: true}, {Head: "WARNINGS", Min: 12},
	}}
}

// ProgramRow returns the row of a program: its loops together, and of the lag the
// largest.
func ProgramRow(hello *wire.Hello, loops []*wire.Snapshot) []Cell {
	var busy float64
	var lag int64
	live, ready := 0, 0
	var warnings []wire.Warning
	stuck := false
	for _, s := range loops {
		busy, lag = busy+s.Stats.Busy, max(lag, s.Stats.P99)
		live, ready = live+s.Stats.Live, ready+s.Stats.Ready
		warnings = append(warnings, Of(s).Open()...)
		stuck = stuck || s.Stale
	}
	return []Cell{
		{strconv.Itoa(hello.PID), screen.Text}, {Clean(hello.Program), screen.Strong}, {strconv.Itoa(len(hello.Loops)), screen.Text},
		{strconv.Itoa(live), screen.Text}, {strconv.Itoa(ready), screen.Text}, {Percent(busy), screen.Text}, {Span(lag), screen.Text},
		Alarm(warnings, stuck),
	}
}

// SilentProgram returns the row of a program that does not answer.
func SilentProgram(pid int, why string) []Cell {
	row := make([]Cell, 8)
	row[0] = Cell{strconv.Itoa(pid), screen.Text}
	row[7] = Cell{Clean(why), screen.Bad}
	return row
}

// Alarm sums up warnings: "does not answer, 2 deadlock, 1 spin".
func Alarm(warnings []wire.Warning, stuck bool) Cell {
	cell, count := Cell{}, map[string]int{}
	if stuck {
		cell = Cell{"does not answer", screen.Bad}
	}
	var kinds []string
	for _, w := range warnings {
		if count[w.ID]++; count[w.ID] == 1 {
			kinds = append(kinds, w.ID)
		}
		if cell.Tone != screen.Bad {
			cell.Tone = severity(&w)
		}
	}
	for _, kind := range kinds {
		text := Clean(kind)
		if count[kind] > 1 {
			text = strconv.Itoa(count[kind]) + " " + text
		}
		if cell.Text != "" {
			cell.Text += ", "
		}
		cell.Text += text
	}
	return cell
}
