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

// defaultSize leaves room for the program in the second cache of today's processors, which
// have one or two MiB of that.
const defaultSize = 512 << 10

// Size sets how many bytes the recorder's ring takes. A step of a task takes 40, with what has
// woken the task, and so does any other event; a name, or the text of an error, takes
// what it is long. When the ring is full, the oldest events are dropped, up to 256 at a
// time, and counted. Zero is the default, 512 KiB; negative is without limit.
//
// The default has room for some 12,500 steps: a second of a server that answers a
// thousand requests in that time, and a millisecond of tasks that do nothing but give
// way to each other. It is written to in a processor's cache. A ring of several MiB does
// not fit there, which makes a step dearer by 5 to 10 ns. A program that wants to look
// back further asks for that: Size(8 << 20) has room for 200,000 steps.
func Size(bytes int) Option { return optionFunc(func(s *settings) { s.size = bytes }) }

// Exact lets the recorder read the clock whenever a task is created or woken, and not only
// when a step has ended. It costs some 10 ns each time, about half as much again as
// recording does without it. Without it, tasks that are created or woken in a step are
// told to be so when it began: if it takes long, they seem to have been ready for longer
// than they were. That counts for the first long step of a task: while a task whose last
// step took some 10 µs or longer makes its next one, the clock is read for each task that
// it wakes. On virtual time, and in a bubble of testing/synctest, all times are exact.
func Exact() Option { return optionFunc(func(s *settings) { s.exact = true }) }

func newSettings(opts []Option) (s settings) {
	option.Apply(&s, opts, Option.setRecorder)
	if s.size == 0 {
		s.size = defaultSize
	}
	return s
}
