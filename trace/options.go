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

// defaultSize has room for some 25,000 steps of tasks, and lies well within the second
// cache of today's processors, which have one or two MiB of that.
const defaultSize = 1 << 20

// Size sets how many bytes the recorder's ring takes; a step of a task takes 40, with what
// has woken the task, and so does any other event; a name or the text of an error takes what it is
// long. When the ring is full, the oldest events are dropped, some 256 at a time,
// and counted. Zero is the default, 1 MiB; negative is without limit.
//
// The default has room for some 25,000 steps: that is a second of a server with a few
// thousand requests in that time, and 2 ms of tasks that do nothing but give way. It is
// what fits into a processor's cache. A larger ring is written to in memory, which costs
// 5 to 10 ns for each step.
func Size(bytes int) Option { return optionFunc(func(s *settings) { s.size = bytes }) }

// Exact lets the recorder read the clock whenever a task is created or woken, and not only
// when a step has ended. That costs some 10 ns for each task that is created or woken,
// a third more than the recorder costs without it. Without it, what a task does in a
// step that takes long may be told as if it had done so when the step began: the one
// that it wakes seems to have been ready for longer than it was. After a step
// that took long, of 10 µs or more, the times of the next one are exact in any case. On virtual time,
// and in a bubble of testing/synctest, all times are exact.
func Exact() Option { return optionFunc(func(s *settings) { s.exact = true }) }

func newSettings(opts []Option) (s settings) {
	option.Apply(&s, opts, Option.setRecorder)
	if s.size == 0 {
		s.size = defaultSize
	}
	return s
}
