package lessons_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons"
	"github.com/asyncio-go/asyncio/lessons/recording"
)

var statesDir = flag.String("states", "", "write all states of the lessons' recordings into this folder")

// record records a lesson, which has to come to its end.
func record(t *testing.T, l lessons.Lesson, values map[string]string) *recording.Recording {
	t.Helper()
	skipWithoutProcesses(t, l)
	r, err := l.Record(t.Context(), values)
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range append([]recording.Way{{Name: l.Name, Recording: r}}, r.Ways...) {
		if one.Recording.Error != "" {
			t.Fatalf("%s, %v: %s", one.Name, values, one.Recording.Error)
		}
	}
	return r
}

func skipWithoutProcesses(t *testing.T, l lessons.Lesson) {
	if l.NeedsProcess && runtime.GOOS == "js" {
		t.Skip("skipped: there are no processes here")
	}
}

func asJSON(t *testing.T, r *recording.Recording) string {
	t.Helper()
	var b strings.Builder
	if err := r.WriteJSON(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRecordingsAreAsExpected(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			if l.NeedsProcess {
				t.Skip("skipped: a process ends when it likes")
			}
			got := asJSON(t, record(t, l, nil))
			file := filepath.Join("testdata", l.Name+".json")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if want := strings.ReplaceAll(string(want), "\r\n", "\n"); got != want {
				t.Errorf("go test ./lessons -run Recordings -update writes it anew; the first difference is %s", difference(got, want))
			}
		})
	}
}

// difference returns where two texts part.
func difference(a, b string) string {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	around := func(s string) string { return s[max(0, i-200):min(len(s), i+100)] }
	return "\n" + around(a) + "\nwant\n" + around(b)
}

// Neither what the scheduler does nor the garbage collector is in a recording.
func TestRecordingsAreTheSameEachTime(t *testing.T) {
	times := 50
	if testing.Short() {
		times = 5
	}
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			if l.NeedsProcess {
				t.Skip("skipped: a process ends when it likes")
			}
			first := asJSON(t, record(t, l, nil))
			for range times {
				if again := asJSON(t, record(t, l, nil)); again != first {
					t.Fatalf("the first difference is %s", difference(again, first))
				}
			}
		})
	}
}

func TestRecordingsHaveAllValues(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			if got := record(t, l, nil).Values; !maps.Equal(got, defaults(l)) {
				t.Errorf("the values are %v, want %v", got, defaults(l))
			}
		})
	}
}

func TestRecordChecksValues(t *testing.T) {
	l := lessons.All()[0]
	if _, err := l.Record(t.Context(), map[string]string{"no such": "1s"}); err == nil || !strings.Contains(err.Error(), "no such parameter") {
		t.Errorf("Record returned %v", err)
	}
	if err := l.Play(t.Context(), io.Discard, 1, map[string]string{l.Params[0].Name: "never"}); err == nil {
		t.Error("Play returned no error")
	}
	if err := l.Play(t.Context(), io.Discard, 0, nil); err == nil || !strings.Contains(err.Error(), "speed") {
		t.Errorf("Play at no speed returned %v", err)
	}
}

func TestRecordingsCanBeReadAgain(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			want := asJSON(t, record(t, l, nil))
			r, err := recording.ReadJSON(strings.NewReader(want))
			if err != nil {
				t.Fatal(err)
			}
			if got := asJSON(t, r); got != want {
				t.Errorf("what is read is another: %s", difference(got, want))
			}
		})
	}
}

// In real time nothing can be said but that they end.
func TestLessonsEndInRealTime(t *testing.T) {
	for _, l := range lessons.All() {
		t.Run(l.Name, func(t *testing.T) {
			t.Parallel()
			skipWithoutProcesses(t, l)
			var out bytes.Buffer
			if err := l.Play(t.Context(), &out, 50, nil); err != nil || out.Len() == 0 {
				t.Errorf("Play returned %v, after printing\n%s", err, &out)
			}
		})
	}
}

// The page folds recordings itself, and its tests compare what comes of it with these.
func TestStates(t *testing.T) {
	if *statesDir == "" {
		t.Skip("skipped: no -states DIR")
	}
	if err := os.MkdirAll(*statesDir, 0o777); err != nil {
		t.Fatal(err)
	}
	for _, l := range lessons.All() {
		r := record(t, l, nil)
		player, states := r.Player(), []recording.State{}
		for n := range player.Len() + 1 {
			states = append(states, player.At(n))
		}
		b, err := json.Marshal(states)
		if err == nil {
			err = os.WriteFile(filepath.Join(*statesDir, l.Name+".json"), b, 0o666)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// A recording is made while a slider moves.
func BenchmarkRecord(b *testing.B) {
	for _, l := range lessons.All() {
		if l.NeedsProcess {
			continue
		}
		b.Run(l.Name, func(b *testing.B) {
			for b.Loop() {
				if _, err := l.Record(b.Context(), nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
