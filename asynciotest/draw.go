package asynciotest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/timeline"
	"github.com/asyncio-go/asyncio/trace"
)

// A run that has hosts is recorded, so that it can be drawn if it fails.

const (
	recordingSize  = 256 << 10
	messagesDrawn  = 30 // at least, if there are so many
	rowsDrawn      = 30
	hostsDrawn     = 12
	drawingColumns = 90 // the log indents it
)

// watchHosts is called before the first host comes. A benchmark is not watched.
func (s *session) watchHosts(l *engine.Loop) {
	if s.recorder != nil || s.hooks == nil {
		return
	}
	s.line.WatchHosts(l, hostOfTask)
	s.recorder = trace.New(trace.Size(recordingSize))
	if _, err := s.recorder.Attach(s.ctx); err != nil {
		panic("asynciotest: internal error: " + err.Error())
	}
}

func hostOfTask(t *engine.Task) string {
	if h := simnet.HostOf(t.Context()); h != nil {
		return h.Name()
	}
	return ""
}

// hostsOfTasks says for reports on which hosts tasks are, by their numbers.
func (s *session) hostsOfTasks() map[uint64]string {
	if s.recorder == nil {
		return nil
	}
	hosts := map[uint64]string{}
	for t := range engine.LoopOf(s.ctx).Tasks {
		if name := hostOfTask(t); name != "" {
			hosts[t.ID()] = " on host " + name
		}
	}
	return hosts
}

// keepRecording takes the recording now, because what comes is not a part of the story.
func (s *session) keepRecording() {
	if s.recorder != nil && s.recording == nil {
		s.recording = s.recorder.Recording()
	}
}

// draw logs the last part of a run that has failed, and keeps all that was recorded of it,
// if there are hosts.
func (s *session) draw() {
	s.t.Helper()
	if s.recorder == nil {
		return
	}
	s.keepRecording()
	chart, length := lastPart(s.recording)
	chart.Start += s.recording.Start().Sub(s.line.Start())
	if first := &chart.Rows[0]; first.Name == "main" {
		first.Name = "Task-1" // as in the table of steps, and in reports
	}
	chart.Busiest(rowsDrawn, hostsDrawn)
	lines := chart.Render(timeline.Options{Width: drawingColumns, Glyphs: timeline.Unicode, Legend: true})
	s.t.Logf("the hosts in the last %s (%s):\n%s", length, s.keepArtifact(), strings.Join(lines, "\n"))
}

// lastPart returns a chart of the last steps, and of the last messages, and how long that
// is. Its axis shows time, or steps if nearly all happens at few times.
func lastPart(r *trace.Recording) (c timeline.Chart, length string) {
	bySteps := timeline.StepsOfRecording(r)
	first := min(max(bySteps.Length-stepsLogged*timeline.PerStep, 0), lastMessages(bySteps))
	steps := bySteps.Since(first)
	c = timeline.OfRecording(r)
	c = c.Since(min(steps.Ticks[0].Time, lastMessages(c)))
	if n := int(steps.Length / timeline.PerStep); isCrowded(n, steps.Ticks, c.Length) {
		return steps, plural(n, "step", "steps")
	}
	return c, c.Length.Round(time.Microsecond).String()
}

// isCrowded reports whether a drawing that shows time would put many steps into each
// column in which there are any: when links take no time, or when a test sleeps for long
// at its end. ticks are the times of the steps.
func isCrowded(steps int, ticks []timeline.Tick, length time.Duration) bool {
	columns := map[time.Duration]bool{}
	for _, t := range ticks {
		columns[(t.Time-ticks[0].Time)/max(length/drawingColumns, 1)] = true
	}
	return steps > 3*len(columns)
}

// lastMessages returns when the last messages were sent, as many as are worth a drawing.
func lastMessages(c timeline.Chart) time.Duration {
	if n := len(c.Messages); n > messagesDrawn {
		return c.Messages[n-messagesDrawn].Sent
	}
	return 0
}

// keepArtifact keeps all that was recorded, and says how to see it.
func (s *session) keepArtifact() (how string) {
	path := filepath.Join(s.t.ArtifactDir(), "recording.json")
	f, err := os.Create(path)
	if err == nil {
		if err = s.recording.WriteJSON(f); err == nil {
			err = f.Close()
		} else {
			_ = f.Close()
		}
	}
	switch kept := flag.Lookup("test.artifacts"); {
	case err != nil:
		return fmt.Sprintf("the recording could not be kept: %v", err)
	case kept == nil || kept.Value.String() != "true":
		return "with go test -artifacts, all of the run is kept, for asyncio view"
	}
	return "all of the run: asyncio view " + path
}
