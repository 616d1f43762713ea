package pages

import (
	"strconv"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/lessons/recording"
)

// seconds writes a time as people say it: "1.5 s", "250 ms".
func seconds(d time.Duration) string {
	switch {
	case d == 0:
		return "0 s"
	case d < time.Millisecond:
		return figure(float64(d)/float64(time.Microsecond)) + " us"
	case d < 100*time.Millisecond:
		return figure(float64(d)/float64(time.Millisecond)) + " ms"
	}
	return figure(d.Seconds()) + " s"
}

// shortWait is waitWords where there is little room.
func shortWait(rec *recording.Recording, w *recording.Wait, at time.Duration) string {
	switch {
	case w == nil:
		return ""
	case w.Kind == "sleep" && w.Until > at:
		return seconds(w.Until - at)
	case w.Kind == "task" && w.Task != 0:
		return taskName(rec, w.Task)
	case w.Kind == "future" && w.Name == "":
		return "result"
	}
	return w.Kind
}

func figure(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}

func taskName(rec *recording.Recording, id uint64) string {
	for _, t := range rec.Tasks {
		if t.ID == id && t.Name != "" {
			return t.Name
		}
	}
	return "task " + strconv.FormatUint(id, 10)
}

// waitWords says what a task waits for that begins to wait at a time.
func waitWords(rec *recording.Recording, w *recording.Wait, at time.Duration) string {
	switch {
	case w == nil:
		return ""
	case w.Kind == "sleep" && w.Until > at:
		return "sleeps " + seconds(w.Until-at)
	case w.Kind == "sleep":
		return "sleeps"
	case w.Kind == "task" && w.Task != 0:
		return "waits for " + taskName(rec, w.Task)
	case w.Kind == "future" && w.Name == "":
		return "waits for a result"
	case len(w.Tasks) > 0:
		names := make([]string, len(w.Tasks))
		for i, id := range w.Tasks {
			names[i] = taskName(rec, id)
		}
		return w.Kind + " of " + strings.Join(names, ", ")
	case w.Task != 0:
		return strings.TrimSpace(w.Kind+" "+w.Name) + ", held by " + taskName(rec, w.Task)
	case w.Name != "":
		return w.Kind + " " + w.Name
	}
	return w.Kind
}
