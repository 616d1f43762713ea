package pages

import "github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"

func (m *Model) runningList() []string { return []string{m.paint(screen.Faint, "nothing")} }
func (m *Model) readyList() []string { return []string{m.paint(screen.Faint, "empty")} }
func (m *Model) timerList() []string { return []string{m.paint(screen.Faint, "none")} }
func (m *Model) line() int { return 0 }
func (m *Model) stands(c listing) map[int][]stand { return nil }
