package remote

import (
	"encoding/json"
	"time"

	"github.com/nats-io/nats.go"
)

// A line is a subscription on which jobs arrive that were asked for. At most one pull is
// on its way on each, so a job cannot be older than that.
type line struct {
	source   *source
	inbox    string
	sub      *nats.Subscription
	asked    time.Time // before the pull was sent
	due      time.Time // the server must have answered by then
	want     int       // how many jobs it may still bring; 0: no pull is on its way
	reserved bool      // slots are kept free for them
}

// answerTime is how long the server may take for an answer that needs no waiting.
const answerTime = 5 * time.Second

// pollFor is how long the server keeps a pull for which there are no jobs. A lease counts
// from the pull, so half of it is left in any case.
func (f *fetcher) pollFor() time.Duration { return f.w.cfg.lease / 2 }

// A pull is what the server reads.
type pull struct {
	Batch   int           `json:"batch"`
	Expires time.Duration `json:"expires,omitempty"`
	NoWait  bool          `json:"no_wait,omitempty"`
}

func (f *fetcher) pull(s *source, l *line, p pull, reserved bool) (sent bool) {
	if l == nil {
		if l = f.newLine(s); l == nil {
			return false
		}
	}
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // it is made of numbers
	}
	subject := "$JS.API.CONSUMER.MSG.NEXT." + f.w.cfg.jobs() + "." + s.fn.title()
	l.asked = time.Now()
	if err := f.w.nc.PublishRequest(subject, l.inbox, body); err != nil {
		s.pause = l.asked.Add(250 * time.Millisecond)
		return false
	}
	l.want, l.reserved, l.due = p.Batch, reserved, l.asked.Add(p.Expires+answerTime)
	return true
}

func (f *fetcher) newLine(s *source) *line {
	l := &line{source: s, inbox: f.w.nc.NewInbox()}
	sub, err := f.w.nc.Subscribe(l.inbox, func(m *nats.Msg) {
		if !f.post(func() { f.arrived(l, m) }) {
			f.w.giveBackUnbegun(l.source.fn, m, l.asked)
		}
	})
	if err != nil {
		s.pause = time.Now().Add(time.Second)
		return nil
	}
	l.sub = sub
	s.lines = append(s.lines, l)
	return l
}

// freeLine returns a line without a pull.
func (s *source) freeLine() *line {
	for _, l := range s.lines {
		if l.want == 0 {
			return l
		}
	}
	return nil
}

// retire replaces a line whose pull may be lost. What still comes on it is welcome.
func (f *fetcher) retire(s *source, i int) {
	l := s.lines[i]
	s.lines = append(s.lines[:i:i], s.lines[i+1:]...)
	l.reserved = false
	f.retired = append(f.retired, l)
}

// arrived is called for what comes on a line: a job, or the server's word that there is
// none.
func (f *fetcher) arrived(l *line, m *nats.Msg) {
	l.source.silent = 0
	if status := m.Header.Get("Status"); status != "" && len(m.Data) == 0 && m.Reply == "" {
		f.answered(l, status, m.Header.Get("Description"))
		return
	}
	l.want = max(l.want-1, 0)
	meta, err := m.Metadata()
	l.source.empty = err == nil && meta.NumPending == 0
	if f.free == 0 || f.leaving {
		asked := l.asked // the next pull on the line sets it
		f.back.Go(func() { f.w.giveBackUnbegun(l.source.fn, m, asked) })
		return
	}
	f.free--
	if !f.w.accept(l.source.fn, m, l.asked) {
		f.free++
	}
}

// answered is called for what ends a pull without a job.
func (f *fetcher) answered(l *line, status, description string) {
	l.want = 0
	switch {
	case status == "404", status == "408": // no messages, or not as many
		l.source.empty = true
	case status == "503", description == "Consumer Deleted":
		l.source.pause = time.Now().Add(time.Second)
		go f.w.checkConsumer(l.source.fn)
	default: // the server is short of something, ends, or has a new leader
		l.source.pause = time.Now().Add(250 * time.Millisecond)
	}
}
