package trace

import "github.com/asyncio-go/asyncio/internal/option"

// An Option is an option of [New].
type Option interface{ setRecorder(*settings) }

type settings struct {
	size int
}

type optionFunc func(*settings)

func (f optionFunc) setRecorder(s *settings) { f(s) }

// defaultSize has room for some 200,000 events.
const defaultSize = 8 << 20

// Size sets how many bytes the recorder's ring takes; an event takes 40, and a name or
// the text of an error what it is long. When the ring is full, the oldest events are
// dropped, some hundred at a time, and counted. Zero is the default, 8 MiB; negative is
// without limit.
func Size(bytes int) Option { return optionFunc(func(s *settings) { s.size = bytes }) }

func newSettings(opts []Option) (s settings) {
	option.Apply(&s, opts, Option.setRecorder)
	if s.size == 0 {
		s.size = defaultSize
	}
	return s
}
