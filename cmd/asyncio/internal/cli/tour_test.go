package cli

import (
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

func TestSettings(t *testing.T) {
	all := lessons.All()
	gather, _ := find(all, "gather")
	values, err := settings([]lessons.Lesson{gather}, []string{"A=1s", "B=500ms", "A=1.5s"})
	if err != nil || values["A"] != "1.5s" || values["B"] != "500ms" {
		t.Errorf("values %v, %v: the last one counts", values, err)
	}
	if _, err := settings(all, []string{"A=1s"}); err != nil {
		t.Errorf("one that some of the lessons have: %v", err)
	}
	for _, pair := range []string{"A", "=1s", "A=", "A=-1s", "A=9h", "a=1s"} {
		if _, err := settings([]lessons.Lesson{gather}, []string{pair}); err == nil {
			t.Errorf("--set %s: no error", pair)
		}
	}
}
