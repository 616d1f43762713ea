package lessons_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

// What a lesson asks its reader to try shows what it says.
func TestWhatIsToBeTried(t *testing.T) {
	for _, try := range []struct {
		lesson, name, value string
		prints, not         string
	}{
		{"queue", "size", "8", "order 8 in, 0.0 s", ""},
		{"queue", "cooks", "1", "order 8 in, 2.5 s", ""},
		{"locks", "lock", "false", "Ada says sentence 1\nBob says sentence 1\nAda says sentence 2", ""},
		{"semaphore", "limit", "5", "5 pages in 0.5 s", ""},
		{"semaphore", "limit", "1", "5 pages in 2.5 s", ""},
		{"events", "Cid", "400ms", "the door opens\nAda is in\nCid is in\nBob is in", ""},
		{"condition", "Ada", "1", "a loaf is ready\nAda buys 1", ""},
		{"streams", "second", "Dorothea", "orders\nCarl gets", ""},
		{"contextvars", "last", "Ada", "Ada: main waits", ""},
		{"deadlock", "first", "knife", "Bob has the board and chops", "waits for"},
		{"race", "lock", "true", "orders: 20, all right", "wrong"},
		{"race", "orders", "1", "orders: 1, all right", "wrong"},
	} {
		all := lessons.All()
		i := slices.IndexFunc(all, func(l lessons.Lesson) bool { return l.Name == try.lesson })
		got := play(t, all[i], map[string]string{try.name: try.value})
		if !strings.Contains(got, try.prints) || try.not != "" && strings.Contains(got, try.not) {
			t.Errorf("%s with %s=%s printed\n%s", try.lesson, try.name, try.value, got)
		}
	}
}
