package cli

import (
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
)

// In a pipe the whole tour is over within 40 s; a lesson alone has its own speed.
func TestPipeSpeed(t *testing.T) {
	total := 0.0
	for _, l := range lessons.All() {
		total += l.Seconds
		if speed := pipeSpeed([]lessons.Lesson{l}); speed != 1 {
			t.Errorf("lesson %s alone runs at speed %v, want 1", l.Name, speed)
		}
	}
	if took := total / pipeSpeed(lessons.All()); took > 38 {
		t.Errorf("the whole tour takes %v s", took)
	}
}

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
