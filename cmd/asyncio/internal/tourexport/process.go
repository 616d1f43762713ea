package tourexport

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

// How long a lesson takes that starts a process depends on the system, so each recording
// of it is different. The site uses the recordings that are in git, so that two exports
// are the same.
//
//go:embed recordings/*.json
var recorded embed.FS

func recordingFile(lesson string) string { return "recordings/" + lesson + ".json" }

// fix gives the lessons that start a process the recordings that are in git.
func fix(c *tourdata.Catalog) error {
	for i := range c.Lessons {
		l := &c.Lessons[i]
		if !l.NeedsProcess {
			continue
		}
		text, err := recorded.ReadFile(recordingFile(l.Name))
		if err != nil {
			return fmt.Errorf("lesson %s starts a process and has no recording: go test ./internal/tourexport -update makes one", l.Name)
		}
		l.Recording = json.RawMessage(text)
	}
	return nil
}
