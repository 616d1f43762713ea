package trace

import "github.com/asyncio-go/asyncio/internal/option"

// An Option is an option of [New].
type Option interface{ setRecorder(*settings) }

type settings struct {
	size  int
	exact bool
}

type optionFunc func(*settings)

func (f optionFunc) setRecorder(s *settings) { f(s) }

// defaultSize leaves room for the program in the second-level cache of today's
// processors, which has one or two MiB.
const defaultSize = 512 << 10

// Size sets how many bytes the recorder's ring takes. A step of a task takes 40 bytes,
// together with what has woken the task, and any other event takes 40 bytes as well; a
// name, or the text of an error, takes its length. When the ring is full, the oldest
// events are dropped, up to 256 at a time, and counted. Zero means the default, 512 KiB;
// a negative number means no limit.
//
// The default has room for some 12,500 steps: a second of a server that answers a
// thousand requests per second, or a millisecond of tasks that do nothing but yield to
// each other. A ring of this size stays in the processor's cache. A ring of several MiB
// does not, which makes a step slower by 5 to 10 ns. To look back further, set a larger
// size: Size(8 << 20) has room for 200,000 steps.
func Size(bytes int) Option { return optionFunc(func(s *settings) { s.size = bytes }) }

// Exact lets the recorder read the clock whenever a task is created or woken, and not
// only when a step has ended. It costs some 10 ns each time, about half of what recording
// costs without it. Without Exact, tasks that are created or woken in a step are recorded
// with the time at which the step began: if the step takes long, they seem to have been
// ready for longer than they were. This matters only for the first long step of a task:
// if the last step of a task took some 10 µs or longer, the clock is read for each task
// that it wakes in its next step. On virtual time, and in a bubble of testing/synctest,
// all times are exact.
func Exact() Option { return optionFunc(func(s *settings) { s.exact = true }) }

func newSettings(opts []Option) (s settings) {
	option.Apply(&s, opts, Option.setRecorder)
	if s.size == 0 {
		s.size = defaultSize
	}
	return s
}
