package tourdata

import (
	"context"
	"encoding/json"
	"errors"
	"runtime"

	"github.com/asyncio-go/asyncio/lessons"
)

// errNoProcess is for a lesson that starts a process, in a browser.
var errNoProcess = errors.New("this lesson starts a process, and a browser has none: its recording is played, and to change it, run asyncio tour --web on your machine")

// record runs a lesson on the virtual clock, in the order that its loop gives.
func record(ctx context.Context, l lessons.Lesson, values map[string]string) (json.RawMessage, error) {
	if l.NeedsProcess && runtime.GOOS == "js" {
		return nil, errNoProcess
	}
	recording, err := l.Record(ctx, values)
	if err != nil {
		return nil, err
	}
	return json.Marshal(recording)
}
