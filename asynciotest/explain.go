package asynciotest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio/internal/explore"
)

// stepsLogged bounds the steps of a timeline that go into the log; keep writes all of
// them to a file.
const stepsLogged = 50

// explain says how to reproduce the failure, and what led to it.
func (x *exploration) explain(s *explore.Schedule, line *explore.Timeline) {
	x.t.Helper()
	var b strings.Builder
	line.Write(&b, stepsLogged)
	if x.search == nil {
		x.t.Logf("the replay failed; what led to it:\n%s", &b)
	} else {
		x.t.Logf("run %d, by %s, failed; what led to it:\n%s", x.search.Runs(), x.search.Strategy(), &b)
	}
	x.t.Logf("to replay it:\n%s", replayLine(x.t.Name(), s))
	x.keep(s, line)
}

func replayLine(test string, s *explore.Schedule) string {
	parts := strings.Split(test, "/")
	for i, p := range parts {
		p = strings.ReplaceAll(regexp.QuoteMeta(p), "'", ".") // a quote would end the shell's quotes
		parts[i] = "^" + p + "$"
	}
	return "go test -run '" + strings.Join(parts, "/") + "' -asyncio.replay=" + s.String()
}

// keep writes the whole timeline to the test's artifacts.
func (x *exploration) keep(s *explore.Schedule, line *explore.Timeline) {
	var b strings.Builder
	b.WriteString(replayLine(x.t.Name(), s) + "\n\n")
	line.Write(&b, explore.StepsKept)
	file := filepath.Join(x.t.ArtifactDir(), "timeline.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o644); err != nil {
		x.t.Logf("the timeline could not be kept: %v", err)
	}
}

// calls counts the calls of Explore in each test that runs.
var calls struct {
	sync.Mutex
	made map[testing.TB]uint64
}

// callOf returns which call of Explore in its test this is.
func callOf(t testing.TB) uint64 {
	calls.Lock()
	defer calls.Unlock()
	if calls.made == nil {
		calls.made = map[testing.TB]uint64{}
	}
	n, again := calls.made[t]
	calls.made[t] = n + 1
	if !again {
		t.Cleanup(func() {
			calls.Lock()
			defer calls.Unlock()
			delete(calls.made, t)
		})
	}
	return n
}
