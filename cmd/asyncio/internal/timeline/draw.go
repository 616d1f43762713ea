// Package timeline draws charts on a terminal: with its colors, and with the widths of
// characters as the library of the screen knows them.
package timeline

import (
	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/internal/timeline"
)

// Options say how a chart is drawn.
type Options struct {
	Width  int                              // in columns
	Paint  func(screen.Tone, string) string // colors a piece
	ASCII  bool                             // draw with ASCII characters only
	Loop   bool                             // show the row of the loop itself
	Legend bool                             // explain the characters below the drawing
}

// Draw returns a drawing of a chart, as lines without newlines.
func Draw(c timeline.Chart, o Options) []string {
	glyphs := timeline.Unicode
	if o.ASCII {
		glyphs = timeline.ASCII
	}
	return c.Render(timeline.Options{
		Width:  o.Width,
		Glyphs: glyphs,
		Style:  func(role timeline.Role, text string) string { return o.Paint(roleTones[role], text) },
		Text:   character,
		Loop:   o.Loop,
		Legend: o.Legend,
	})
}

func character(text string) (string, int) {
	return ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
}

var roleTones = map[timeline.Role]screen.Tone{
	timeline.RoleName:      screen.Strong,
	timeline.RoleRunning:   screen.Busy,
	timeline.RoleStep:      screen.Busy,
	timeline.RoleThread:    screen.Beside,
	timeline.RoleElsewhere: screen.Beside,
	timeline.RoleWaiting:   screen.Faint,
	timeline.RoleLabel:     screen.Faint,
	timeline.RoleReady:     screen.Warning,
	timeline.RoleDone:      screen.Good,
	timeline.RoleFailed:    screen.Bad,
	timeline.RoleCanceled:  screen.Warning,
	timeline.RoleAxis:      screen.Faint,

	timeline.RoleHost:       screen.Strong,
	timeline.RoleLane:       screen.Faint,
	timeline.RoleDown:       screen.Bad,
	timeline.RoleData:       screen.Beside,
	timeline.RoleConnecting: screen.Good,
	timeline.RoleRefusing:   screen.Warning,
	timeline.RoleLost:       screen.Bad,
	timeline.RoleCount:      screen.Beside,
}
