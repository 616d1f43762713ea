package cli

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/view"
	"github.com/asyncio-go/asyncio/remote"
	"github.com/asyncio-go/asyncio/remote/inspect"
)

// farm is a server at work.
func farm() *inspect.State {
	at := time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)
	busy := remote.Running{Client: "farm-7", ID: "4NNVWXGRDXWUE1N8TN9A7O", Function: "render=2", Attempt: 2, For: 12 * time.Second, Lost: true}
	return &inspect.State{
		Prefix: "asyncio", At: at, Jobs: 1412, Failed: 120,
		Queue: []inspect.Function{
			{Name: "mail", Version: "1", Waiting: 1},
			{Name: "render", Version: "2", Waiting: 1409, Held: 2, Workers: 2, Oldest: at.Add(-90 * time.Second)},
			{Name: "", Waiting: 30_000},
		},
		Running: []inspect.Running{{Running: busy, Worker: "alpha-1"}},
		Workers: []remote.Announcement{
			{Worker: "alpha-1", Host: "alpha", PID: 4242, Parallel: 2, Since: at.Add(-time.Hour), Done: 1000, Functions: []string{"render=2", "mail=1"}, Running: []remote.Running{busy}},
			{Worker: "beta\x1b[31m-1", Host: "beta", PID: 17, Parallel: 8, Draining: true, Since: at.Add(-time.Minute), Functions: []string{"render=2"}},
		},
		Failures: []inspect.Failure{
			{ID: "report-2026-11-retry-1", Client: "farm-7", Function: "render", Version: "2", Outcome: "error", Error: "no such frame: 817 of a film that has a long title", Worker: "alpha-1", Attempts: 3, At: at.Add(-5 * time.Second), RetryOf: "report-2026-11"},
			{ID: "b", Client: "farm-7", Function: "mail", Version: "1", Outcome: "died", Error: "remote: the worker died", Worker: "beta-1", Attempts: 3, At: at.Add(-26 * time.Hour)},
		},
	}
}

func TestJobs(t *testing.T) {
	for _, test := range []struct {
		name  string
		width int
	}{{"jobs", 0}, {"jobs-narrow", 80}} {
		lines := view.Jobs(farm(), screen.Plain(nil, 0).Paint, test.width)
		for _, line := range lines {
			if w := ansi.StringWidth(line); test.width > 0 && w > test.width {
				t.Errorf("%d columns in %q", w, line)
			}
		}
		golden(t, test.name, strings.Join(lines, "\n")+"\n")
	}
}

// The fields of --json are a promise.
func TestJobsAsJSON(t *testing.T) {
	text, err := json.MarshalIndent(farm(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "jobs.json", string(text)+"\n")
}
