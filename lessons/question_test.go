package lessons_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/lessons"
)

func TestTheRunAnswersTheQuestion(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			q := l.Question
			if n := len(q.Choices); n < 2 || n > 3 || !strings.HasSuffix(q.Text, "?") {
				t.Fatalf("not a question with two or three choices: %+v", q)
			}
			if q.Right < 0 || q.Right >= len(q.Choices) {
				t.Errorf("choice %d is right, of %d", q.Right, len(q.Choices))
			}
			sorted := slices.Sorted(slices.Values(q.Choices))
			if len(slices.Compact(sorted)) < len(q.Choices) {
				t.Errorf("two choices are the same: %q", q.Choices)
			}
			if q.Proof == "" || !strings.Contains(play(t, l, nil), q.Proof) {
				t.Errorf("the output does not contain the proof %q", q.Proof)
			}
		})
	}
}

func TestLessonsTakeAsLongAsTheySay(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			took := record(t, l, nil).Length
			if want := time.Duration(l.Seconds * float64(time.Second)); took.Round(time.Millisecond) != want {
				t.Errorf("it takes %v, want %v", took, want)
			}
		})
	}
}
