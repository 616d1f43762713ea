package embedded

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"

	"github.com/nats-io/nats-server/v2/server"
)

// A journal passes on what the server says, and keeps what has kept it from starting:
// Start of nats-server returns no error.
type journal struct {
	log *slog.Logger // nil for silence

	mu       sync.Mutex
	up       bool
	fatal    []string
	warnings []string // while it starts
}

var _ server.Logger = (*journal)(nil)

func (j *journal) say(level slog.Level, format string, v []any) {
	if j.log != nil {
		j.log.Log(context.Background(), level, strings.TrimSpace(fmt.Sprintf(format, v...)))
	}
}

// keep adds to a list, while the server starts.
func (j *journal) keep(list *[]string, format string, v []any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.up {
		*list = append(*list, strings.TrimSpace(fmt.Sprintf(format, v...)))
	}
}

// started says that the server runs.
func (j *journal) started() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.up, j.warnings = true, nil
}

func (j *journal) Noticef(format string, v ...any) { j.say(slog.LevelInfo, format, v) }
func (j *journal) Debugf(format string, v ...any)  { j.say(slog.LevelDebug, format, v) }
func (j *journal) Tracef(format string, v ...any)  { j.say(slog.LevelDebug, format, v) }

func (j *journal) Warnf(format string, v ...any) {
	j.say(slog.LevelWarn, format, v)
	j.keep(&j.warnings, format, v)
}

func (j *journal) Errorf(format string, v ...any) {
	j.say(slog.LevelError, format, v)
	j.keep(&j.warnings, format, v)
}

// Fatalf does not end the process, which is not the server's.
func (j *journal) Fatalf(format string, v ...any) {
	j.say(slog.LevelError, format, v)
	j.keep(&j.fatal, format, v)
}

// failure is what has kept the server from starting, or empty.
func (j *journal) failure() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.fatal, "; ")
}

// warned is what the server has warned of while it started.
func (j *journal) warned() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return strings.Join(j.warnings, "; ")
}

func (j *journal) debug() bool {
	return j.log != nil && j.log.Enabled(context.Background(), slog.LevelDebug)
}
