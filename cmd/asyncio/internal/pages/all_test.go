package pages

import (
	"fmt"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// All that a page is for can be read on it at its moment, in the smallest usual window
// and in a large one.
func TestEveryLessonFits(t *testing.T) {
	for _, l := range config().Lessons {
		for _, size := range [][2]int{{80, 24}, {100, 30}, {140, 40}} {
			t.Run(fmt.Sprintf("%s/%dx%d", l.Name, size[0], size[1]), func(t *testing.T) {
				t.Parallel()
				r := sit(t, config(l.Name), size[0], size[1])
				r.has(l.Title, l.Idea, l.Question.Text)
				r.has(l.Question.Choices...)
				r.code(l.Go().Lines, l.Go().Focus)
				for r.press("enter", "space", "home"); !r.m.player.over(); r.press("right", "right", "right") {
					page := r.page()
					if !strings.Contains(page, "Timeline") || !strings.Contains(page, "Output") {
						t.Fatalf("parts are missing:\n%s", page)
					}
				}
				r.press("enter")
				r.has(l.Conclusion, l.Try, r.m.answer())
			})
		}
	}
}

// code checks that lines of code are on the page.
func (r *reader) code(lines []string, focus []int) {
	r.t.Helper()
	for _, n := range focus {
		if text := strings.TrimSpace(lines[n-1]); text != "" {
			r.has(text)
		}
	}
}

// Nothing breaks in any window, while it is resized, and at any moment.
func TestEverySize(t *testing.T) {
	for _, l := range config().Lessons {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			r := sit(t, config(l.Name), 80, 24)
			resize := func() {
				for _, size := range [][2]int{{40, 12}, {40, 24}, {55, 50}, {99, 31}, {100, 15}, {139, 24}, {140, 12}, {250, 80}, {20, 5}, {1, 1}} {
					r.tell(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
					if size[0] >= minWidth && size[1] >= minHeight {
						r.page()
					}
					r.m.View()
				}
			}
			resize()
			for _, k := range []string{"?", "?", "c", "l", "l", "esc", "g", "esc", "p", "esc", "enter", "n", "n", "left", "c", "esc", "end", "p", "esc", "enter"} {
				r.press(k)
				resize()
			}
		})
	}
}
