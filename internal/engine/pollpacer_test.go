package engine

import (
	"context"
	"testing"
	"time"
)

// A handClock is a clock that is moved by hand.
type handClock struct{ now time.Duration }

func (c *handClock) Now() time.Duration { return c.now }

// A pollLog notes when it was polled.
type pollLog struct {
	countingPoller
	clock *handClock
	polls []time.Duration
}

func (p *pollLog) Wait(timeout time.Duration) error {
	p.polls = append(p.polls, p.clock.now)
	return nil
}

// gap returns the longest time without a poll from one time to another, which is of a
// step that has just ended.
func (p *pollLog) gap(from, to time.Duration) (longest time.Duration) {
	last := from
	for _, at := range append(p.polls, to) {
		if at > from && at <= to {
			longest = max(longest, at-last)
			last = at
		}
	}
	return longest
}

// bodyFunc is a function as a body.
type bodyFunc func(ctx context.Context)

func (f bodyFunc) Run(ctx context.Context) error {
	f(ctx)
	return nil
}

// onBusyLoop runs fn on a loop with a descriptor. Its steps take as long as it says.
func onBusyLoop(t *testing.T, fn func(l *Loop, p *pollLog, step func(n int, takes time.Duration))) {
	t.Helper()
	l, c := new(Loop), new(handClock)
	p := &pollLog{clock: c}
	l.Init(c, p, nil)
	l.pacer.watch(1)
	main := new(Task)
	main.Create(l, t.Context(), bodyFunc(func(ctx context.Context) {
		fn(l, p, func(n int, takes time.Duration) {
			for range n {
				c.now += takes
				if err := Yield(ctx); err != nil {
					t.Fatal(err)
				}
			}
		})
		l.Stop()
	}), "main")
	main.Start()
	if err := l.Run(); err != nil {
		t.Error(err)
	}
}

func TestABusyLoopPolls(t *testing.T) {
	const short, long, much = 100 * time.Nanosecond, 5 * time.Millisecond, 1000
	t.Run("as often as its steps are long", func(t *testing.T) {
		for _, takes := range []time.Duration{short, time.Microsecond, 5 * time.Microsecond, 30 * time.Microsecond, long} {
			onBusyLoop(t, func(l *Loop, p *pollLog, step func(int, time.Duration)) {
				step(100, takes)
				p.polls = nil
				from := l.Now()
				step(much, takes)
				if gap := p.gap(from, l.Now()); gap > pollInterval+takes {
					t.Errorf("steps of %v: %v without a poll", takes, gap)
				}
				if n := len(p.polls); takes == short && n > much/(maxStride*maxLooks)+1 {
					t.Errorf("steps of %v: %d polls in %d", takes, n, much)
				}
			})
		}
	})
	t.Run("soon after they have become long", func(t *testing.T) {
		for before := range 2 * maxStride * maxLooks { // wherever the pacer is then
			onBusyLoop(t, func(l *Loop, p *pollLog, step func(int, time.Duration)) {
				step(much+before, short)
				from := l.Now()
				step(100, long)
				if gap := p.gap(from, l.Now()); gap > maxStride*long {
					t.Fatalf("after %d short steps: %v without a poll", much+before, gap)
				}
				later := from + maxStride*long
				if gap := p.gap(later, l.Now()); gap > long {
					t.Fatalf("after %d short steps, and then many long ones: %v without a poll", much+before, gap)
				}
			})
		}
	})
	t.Run("at once, if a timer is set", func(t *testing.T) {
		for before := range 2 * maxStride * maxLooks {
			onBusyLoop(t, func(l *Loop, p *pollLog, step func(int, time.Duration)) {
				var timer Timer
				timer.Set(l, 1000*time.Hour, number(1))
				defer timer.Stop(l)
				step(much+before, short)
				from := l.Now()
				step(100, long)
				if gap := p.gap(from, l.Now()); gap > long {
					t.Fatalf("after %d short steps: %v without a poll", much+before, gap)
				}
			})
		}
	})
	t.Run("when many tasks have short steps, too", func(t *testing.T) {
		onBusyLoop(t, func(l *Loop, p *pollLog, step func(int, time.Duration)) {
			const tasks = 100
			for range tasks {
				other := new(Task)
				other.Create(l, t.Context(), bodyFunc(func(ctx context.Context) {
					for range 100 {
						p.clock.now += short
						_ = Yield(ctx)
					}
				}), "other")
				other.Start()
			}
			from := l.Now()
			step(100, 0)
			if gap := p.gap(from, l.Now()); gap > 2*pollInterval {
				t.Errorf("%v without a poll", gap)
			}
		})
	})
}
