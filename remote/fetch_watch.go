package remote

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// silences is how many pulls the server may leave without any answer, while there is a
// connection, before the worker gives up: then a permission is missing.
const silences = 3

// tick looks for pulls that the server has not answered.
func (f *fetcher) tick(now time.Time) {
	for _, s := range f.sources {
		for i := len(s.lines) - 1; i >= 0; i-- {
			if l := s.lines[i]; l.want > 0 && now.After(l.due) {
				s.silent++
				f.retire(s, i)
			}
		}
		if s.silent >= silences || s.silent > 0 && errors.Is(f.w.nc.LastError(), nats.ErrPermissionViolation) {
			s.silent = 0
			f.w.fail(f.noAnswer(s))
		}
	}
	kept := f.retired[:0]
	for _, l := range f.retired {
		if now.After(l.due.Add(answerTime)) {
			_ = l.sub.Unsubscribe() // nothing can come any more
			continue
		}
		kept = append(kept, l)
	}
	f.retired = kept
}

var errNoAnswer = errors.New("remote: the server does not answer when asked for jobs, although there is a connection: is a permission missing?")

func (f *fetcher) noAnswer(s *source) error {
	return errors.Join(errNoAnswer, f.w.nc.LastError())
}

// connection is called when there is another connection, or none.
func (f *fetcher) connection(s nats.Status) {
	switch s {
	case nats.CLOSED:
		f.w.fail(nats.ErrConnectionClosed)
		f.status = nil // it is closed, too
	case nats.CONNECTED: // the server may have forgotten what was asked before
		for _, s := range f.sources {
			for i := len(s.lines) - 1; i >= 0; i-- {
				if s.lines[i].want > 0 {
					f.retire(s, i)
				}
			}
			s.empty, s.silent = false, 0
		}
	}
}

// leave makes the goroutine end, and waits until all that was on its way has come, and is
// accepted or on its way back.
func (f *fetcher) leave() {
	f.post(func() { f.leaving = true })
	<-f.gone
	f.back.Wait()
}

// hangUp ends all lines. To end a subscription while a pull is on its way can lease a job
// to nobody, for as long as a lease is: that is why a line is never ended before.
func (f *fetcher) hangUp() {
	defer f.handleLast()
	lines := f.retired
	for _, s := range f.sources {
		lines = append(lines, s.lines...)
	}
	closed := make(chan struct{}, len(lines))
	open := 0
	for _, l := range lines {
		if l.want == 0 {
			_ = l.sub.Unsubscribe() // nothing can come
			continue
		}
		l.sub.SetClosedHandler(func(string) { closed <- struct{}{} })
		if l.sub.Drain() == nil {
			open++
		}
	}
	limit := time.After(answerTime)
	for open > 0 {
		select {
		case <-f.wake:
			f.handle()
		case <-closed:
			open--
		case <-limit:
			return
		}
	}
}
