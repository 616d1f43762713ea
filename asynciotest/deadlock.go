package asynciotest

import (
	"errors"
	"fmt"
	"strings"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

var errDeadlock = errors.New("asynciotest: deadlock")

// deadlock is called by the world, on the loop, when nothing can go on. The tasks are
// ended by force: if they were canceled, what they say about that could hide the report.
func (s *session) deadlock() error {
	if !s.stuck {
		engine.LoopOf(s.ctx).Abandoned = true
		tasks := asyncio.AllTasks(s.ctx)
		s.failf("deadlock at %v: %s, and nothing can wake them\n%s",
			s.world.Now(), plural(len(tasks), "task waits", "tasks wait"), s.describe(tasks))
	}
	s.stuck = true
	s.line.Freeze()
	s.keepRecording()
	return errDeadlock
}

// stacksShown bounds the stacks in a report, because taking a stack stops all goroutines.
const stacksShown = 32

// describe says of each task what it waits for, since when, and where.
func (s *session) describe(tasks []asyncio.TaskInfo) string {
	var b strings.Builder
	hosts := s.hostsOfTasks()
	for i, t := range tasks {
		fmt.Fprintf(&b, "%s%s: %s\n", t.Name, hosts[t.ID], s.stateOf(t))
		if i < stacksShown {
			b.WriteString(stacks.OfProgram(t.Stack()))
		}
		if where := stacks.Where(t.Created); where != "" {
			fmt.Fprintf(&b, "  created in %s\n", where)
		}
	}
	return b.String()
}

func (s *session) stateOf(t asyncio.TaskInfo) string {
	if t.State != asyncio.TaskWaiting {
		return t.State.String()
	}
	if since, known := s.line.Since(t.ID); known {
		return fmt.Sprintf("waits for %s since %v", t.WaitingOn, since)
	}
	return "waits for " + t.WaitingOn
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
