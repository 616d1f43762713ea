package recording_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

func TestReadJSONSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		``:                                       "recording: this is not the JSON of a recording: EOF",
		`{`:                                      "recording: this is not the JSON of a recording: unexpected EOF",
		`{"version":2}`:                          "recording: it has version 2 of the format, and this program reads version 1: record the lesson again",
		`{"version":1, "tasks":[{"id":2}]}`:      "recording: tasks[0] has the id 2: tasks are numbered from 1, in order",
		`{"version":1, "events":[{"k":"sing"}]}`: `recording: events[0]: "sing" is no kind of event of version 1`,
		`{"version":1, "length":9, "events":[{"k":"pass","t":9},{"k":"pass","t":8}]}`:   "recording: events[1]: its time, 8, is before that of the event before",
		`{"version":1, "length":8, "events":[{"k":"pass","t":9}]}`:                      "recording: events[0]: its time, 9, is after the end, 8",
		`{"version":1, "events":[{"k":"wake","task":1}]}`:                               "recording: events[0]: there is no task 1",
		`{"version":1, "events":[{"k":"work","for":[]}]}`:                               "recording: this is not the JSON of a recording: for: has to be a word or a number of nanoseconds: json: cannot unmarshal array into Go value of type int64",
		`{"version":1, "ways":[{"name":"other"}]}`:                                      "recording: ways[0] has no recording",
		`{"version":1, "ways":[{"recording":{"version":1, "ways":[{"name":"more"}]}}]}`: "recording: ways[0]: ways[0] is within a way: only a lesson has ways",
	} {
		if _, err := recording.ReadJSON(strings.NewReader(text)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

// What can be read can be folded, and asked why.
func FuzzReadJSON(f *testing.F) {
	for _, name := range []string{"gather", "threads", "locks"} {
		text, err := os.ReadFile(filepath.Join("..", "testdata", name+".json"))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`{"version":1, "length":1, "tasks":[{"id":1,"name":"x"}], "events":[{"k":"push","item":null},{"k":"take"},{"k":"begin","task":1},{"k":"wake","task":1},{"k":"call"},{"k":"due"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		r, err := recording.ReadJSON(bytes.NewReader(text))
		if err != nil {
			return
		}
		if len(r.Events) > 300 {
			r.Events = r.Events[:300]
		}
		player := r.Player()
		for n := range player.Len() + 1 {
			s := player.At(n)
			asJSON(t, s)
			for _, link := range r.Why(n) {
				_ = link.String()
			}
		}
	})
}
