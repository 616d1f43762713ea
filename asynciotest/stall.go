package asynciotest

import (
	"fmt"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/coro"
	"github.com/asyncio-go/asyncio/internal/stacks"
)

const (
	// asleep is how much longer a step has to be seen in time.Sleep before the test
	// fails for it. Nothing else makes a goroutine sleep.
	asleep = 250 * time.Millisecond
	// blocked is how much longer a step has to be seen waiting for another goroutine,
	// or for the system, at the same place: on a busy machine, that other one may
	// only be late.
	blocked = 4 * time.Second
)

// reportStall is called on a goroutine of its own while a step lasts for long in real
// time. If that blocks, the test fails. A step that runs is not at fault: the machine
// may be busy with something else.
func (s *session) reportStall(c asyncio.ExceptionContext) {
	first := stacks.Parse(c.Stack)
	wait := blocked
	if first.State == "sleep" {
		wait = asleep
	}
	for ; first.Blocked() && wait > 0; wait -= asleep {
		time.Sleep(asleep)
		now := stacks.Parse(stacks.Readable(coro.Stack(first.ID)))
		if now.State != first.State || now.Path(len(now.Frames)) != first.Path(len(first.Frames)) {
			break
		}
		if wait <= asleep {
			report := fmt.Sprintf("a step blocks, and the virtual clock knows nothing of it:\n%v", c)
			s.failf("%s", report)
			if first.State != "sleep" { // it may never end, and neither will the test, whose log no one sees then
				fmt.Fprintf(os.Stderr, "asynciotest: %s: %s\n", s.t.Name(), report)
			}
			return
		}
	}
	s.t.Logf("%v", c)
}
