package pages

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// press does what a key asks for. With Auto, what is shown after it stays for as long as
// it takes to read that.
func (m *Model) press(k tea.KeyPressMsg) tea.Cmd {
	cmd := m.pressKey(k)
	if !m.config.Auto {
		return cmd
	}
	return tea.Batch(cmd, m.waitHere())
}

func (m *Model) pressKey(k tea.KeyPressMsg) tea.Cmd {
	key := k.String()
	if len(key) == 1 {
		key = strings.ToLower(key)
	}
	m.message = ""
	switch key {
	case "ctrl+c":
		return tea.Interrupt
	case "ctrl+z":
		return tea.Suspend
	}
	if m.overlay == form && m.form.typing {
		return m.typed(k)
	}
	switch key {
	case "q":
		return tea.Quit
	case "?", "f1":
		m.turn(help)
		return nil
	case "[":
		return m.open(m.at - 1)
	case "]":
		return m.open(m.at + 1)
	}
	switch m.overlay {
	case none:
		return m.pressed(key)
	case form:
		return m.pressedInForm(k, key)
	case list:
		return m.pressedInList(key)
	}
	return m.pressedInText(key)
}

// turn shows an overlay, or, if it is shown, the lesson again.
func (m *Model) turn(to overlay) {
	if m.overlay == to {
		m.overlay = none
		return
	}
	m.overlay, m.scroll = to, 0
	if m.player.playing {
		m.player.playing = false
	}
}

func (m *Model) pressed(key string) tea.Cmd {
	switch key {
	case "enter":
		return m.enter()
	case "1", "2", "3":
		return m.choose(int(key[0] - '1'))
	case "c":
		m.turn(whole)
	case "g":
		m.turn(list)
		m.row = m.lesson().Number - 1
	case "p":
		m.openForm()
	case "l":
		m.switchLanguage()
	case "-", "_":
		m.player.faster(-1)
	case "+", "=":
		m.player.faster(1)
	case "esc":
		m.pause()
	default:
		return m.move(key)
	}
	return nil
}

// choose answers the question, and runs the lesson.
func (m *Model) choose(n int) tea.Cmd {
	l := m.lesson()
	if m.phase != asking || n >= len(l.Question.Choices) {
		return nil
	}
	m.guesses[l.Name] = n
	return m.run()
}

func (m *Model) switchLanguage() {
	m.python = !m.python
	if m.sideBySide() {
		m.message = "Go and Python are side by side here"
	}
}

func (m *Model) pause() {
	m.player.playing = false
}

// move goes to another moment of the recording.
func (m *Model) move(key string) tea.Cmd {
	switch {
	case key == "space" && m.config.Auto && m.phase != playing:
		m.resting = !m.resting
		return nil
	case key == "space" && m.phase == asking:
		return m.run()
	}
	if m.phase == closed || m.player.film == nil {
		return nil
	}
	switch key {
	case "space":
		if m.player.playing {
			m.pause()
			return nil
		}
		return m.resume()
	case "r":
		return m.run()
	case "left":
		m.player.step(-1)
	case "right":
		m.player.step(1)
	case "n":
		m.player.switchOver()
	case "home":
		m.player.playing = false
		m.player.to(0)
	case "end":
		return m.conclude()
	default:
		return nil
	}
	m.phase = playing
	return nil
}

// pressedInText takes a key of a page that is text only.
func (m *Model) pressedInText(key string) tea.Cmd {
	switch key {
	case "esc", "enter", "backspace", "c":
		m.overlay = none
	case "l":
		m.switchLanguage()
	case "up", "k":
		m.scroll--
	case "down", "j":
		m.scroll++
	case "pgup":
		m.scroll -= m.room()
	case "pgdown", "space":
		m.scroll += m.room()
	case "home":
		m.scroll = 0
	case "end":
		m.scroll = 1 << 20
	}
	m.scroll = max(m.scroll, 0) // the view knows how long the page is
	return nil
}

func (m *Model) pressedInList(key string) tea.Cmd {
	last := len(m.config.All) - 1
	switch key {
	case "esc", "g", "backspace":
		m.overlay = none
	case "up", "k":
		m.row--
	case "down", "j":
		m.row++
	case "pgup":
		m.row -= m.room()
	case "pgdown":
		m.row += m.room()
	case "home":
		m.row = 0
	case "end":
		m.row = last
	case "enter", "space":
		return m.goTo(m.config.All[m.row])
	}
	m.row = min(max(m.row, 0), last)
	return nil
}
