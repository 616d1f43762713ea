package tour

import (
	"bytes"
	"fmt"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/screen"
)

// output shows what a program prints, line by line, each with the time at
// which it came, by the clock of the lesson. Threads may print, too.
type output struct {
	show  func(text string)
	paint func(screen.Tone, string) string
	start time.Time
	speed float64

	mu   sync.Mutex
	line []byte // the last line, which has not ended yet
}

// Write takes any piece of text; it is shown when its line is complete.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.line = append(o.line, p...)
	for {
		line, rest, found := bytes.Cut(o.line, []byte("\n"))
		if !found {
			return len(p), nil
		}
		o.shown(string(line))
		o.line = rest
	}
}

// flush shows a last line that has no end.
func (o *output) flush() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.line) > 0 {
		o.shown(string(o.line))
		o.line = nil
	}
}

func (o *output) shown(line string) {
	at := fmt.Sprintf("%6.2fs", time.Since(o.start).Seconds()*o.speed)
	o.show(margin + o.paint(screen.Faint, at) + "  " + line + "\n")
}
