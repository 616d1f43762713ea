package tourexport

import (
	"embed"
	"encoding/json"
	"fmt"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/tourdata"
)

// A lesson that starts a process is as fast as the system lets it be, and each recording
// of it is another one. So the site has those that are in git: two exports are the same.
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
