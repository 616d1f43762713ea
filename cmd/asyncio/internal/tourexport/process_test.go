package tourexport

import (
	"encoding/json"
	"flag"
	"os"
	"reflect"
	"runtime"
	"testing"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

var update = flag.Bool("update", false, "write the recordings of lessons that start a process")

// A story is what is the same each time that such a lesson runs.
type story struct {
	Values map[string]string
	Length int64
	Tasks  []struct{ Name string }
	Events []struct {
		K, Text string
		Line    int
		T       int64
	}
}

func storyOf(t *testing.T, recording []byte) story {
	t.Helper()
	var all, printed story
	if err := json.Unmarshal(recording, &all); err != nil {
		t.Fatal(err)
	}
	printed = story{all.Values, all.Length, all.Tasks, nil}
	for _, e := range all.Events {
		if e.K == "print" {
			printed.Events = append(printed.Events, e)
		}
	}
	return printed
}

// What is in git is what the lesson does.
func TestRecordingsOfProcesses(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its programs print other lines")
	}
	c, err := tourdata.New(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	fixed := *c
	fixed.Lessons = append([]tourdata.Lesson(nil), c.Lessons...)
	if err := fix(&fixed); err != nil && !*update {
		t.Fatal(err)
	}
	for i, l := range c.Lessons {
		if !l.NeedsProcess {
			continue
		}
		if *update {
			if err := os.WriteFile(recordingFile(l.Name), l.Recording, 0o644); err != nil {
				t.Error(err)
			}
			continue
		}
		got, want := storyOf(t, fixed.Lessons[i].Recording), storyOf(t, l.Recording)
		if !reflect.DeepEqual(got, want) {
			t.Errorf("lesson %s: the recording is of another program: go test ./internal/tourexport -update writes it anew\n got %+v\nwant %+v", l.Name, got, want)
		}
	}
}
