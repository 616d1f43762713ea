package asynciotest

import (
	"context"
	"slices"

	"github.com/asyncio-go/asyncio"
)

// passesToEnd is how many passes a task may take to end by itself after the test's
// function has returned. One that was just canceled takes one or two.
const passesToEnd = 100

// checkLeftOver fails the test if there are other tasks than the main one.
func (s *session) checkLeftOver(ctx context.Context) {
	loop := asyncio.RunningLoop(ctx)
	for range passesToEnd {
		if s.others(ctx) == nil || asyncio.Yield(ctx) != nil || loop.Stats().Ready == 0 {
			break
		}
	}
	if left := s.others(ctx); len(left) > 0 {
		s.failf("%s left when the test's function returned; await or cancel what it starts:\n%s",
			plural(len(left), "task was", "tasks were"), s.describe(left))
	}
}

// others returns the tasks beside the running one; nil if there are none.
func (s *session) others(ctx context.Context) []asyncio.TaskInfo {
	self := asyncio.CurrentTask(ctx).ID
	tasks := slices.DeleteFunc(asyncio.AllTasks(ctx), func(t asyncio.TaskInfo) bool { return t.ID == self })
	if len(tasks) == 0 {
		return nil
	}
	return tasks
}
