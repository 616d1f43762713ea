package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
)

// A script is what is done with a connection, and its transcript what came of it.
type script []step

type step struct {
	what stepKind
	when func(now time.Time) time.Time // of the steps that set
	name string
}

type stepKind int

const (
	toSetBoth stepKind = iota
	toSetRead
	toSetWrite
	toRead // nothing comes: it waits until a deadline, or longestRead
	toWrite
	toSleep
	stepKinds
)

// No sums of these are equal, so that nothing happens at once.
const (
	soon        = 61*time.Minute + 7*time.Second
	late        = 191*time.Minute + 3*time.Second
	pause       = 37*time.Minute + 11*time.Second
	afterRead   = time.Minute + time.Second
	longestRead = 600*time.Minute + 53*time.Second
)

// deadlines are what a script sets.
var deadlines = []step{
	{name: "none", when: func(time.Time) time.Time { return never }},
	{name: "the year 1", when: func(time.Time) time.Time { return time.Date(1, 1, 1, 1, 1, 1, 1, time.UTC) }},
	{name: "1733", when: func(time.Time) time.Time { return time.Date(1733, 1, 1, 0, 0, 0, 0, time.UTC) }},
	{name: "1970", when: func(time.Time) time.Time { return longPast }},
	{name: "past", when: func(now time.Time) time.Time { return now.Add(-time.Hour) }},
	{name: "now", when: func(now time.Time) time.Time { return now }},
	{name: "soon", when: func(now time.Time) time.Time { return now.Add(soon) }},
	{name: "late", when: func(now time.Time) time.Time { return now.Add(late) }},
	{name: "2400", when: func(time.Time) time.Time { return time.Date(2400, 1, 1, 0, 0, 0, 0, time.UTC) }},
	{name: "9999", when: func(time.Time) time.Time { return time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC) }},
}

func randomScript(r *rand.Rand) script {
	s := make(script, 12)
	for i := range s {
		s[i].what = stepKind(r.IntN(int(stepKinds)))
		if s[i].what <= toSetWrite {
			d := deadlines[r.IntN(len(deadlines))]
			s[i].name, s[i].when = d.name, d.when
		}
	}
	return s
}

// A stage is where a script is played.
type stage struct {
	set      func(of stepKind, t time.Time) error
	read     func() error // nil if something has come, or longestRead is over
	write    func() error // nil: it is not asked to
	sleep    func(time.Duration)
	passed   func() time.Duration // since it began
	now      func() time.Time     // with a monotonic reading
	wallTime func() time.Time     // without one
}

// play returns the transcript.
func (s script) play(on stage) (transcript []string) {
	outcome := func(what string, err error) {
		switch {
		case err == nil:
		case errors.Is(err, os.ErrDeadlineExceeded):
			what += " is too late"
		default:
			what += fmt.Sprintf(": %v", err)
		}
		transcript = append(transcript, what)
	}
	for i, step := range s {
		switch step.what {
		case toSetBoth, toSetRead, toSetWrite:
			now := on.now
			if i%2 == 0 {
				now = on.wallTime
			}
			outcome(fmt.Sprintf("%d is set to %s", step.what, step.name), on.set(step.what, step.when(now())))
		case toRead:
			before := on.passed()
			err := on.read()
			outcome(fmt.Sprintf("reading for %v", (on.passed()-before).Round(time.Second)), err)
			on.sleep(afterRead)
		case toWrite:
			if on.write != nil {
				outcome("writing", on.write())
			}
		case toSleep:
			on.sleep(pause)
		}
	}
	return transcript
}

// playOnPipe plays it on a net.Pipe.
func (s script) playOnPipe(t *testing.T, writes bool) (transcript []string) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		defer a.Close()
		defer b.Close()
		go func() { _, _ = io.Copy(io.Discard, b) }()
		start := time.Now()
		on := stage{
			set:      setterOf(a),
			sleep:    time.Sleep,
			passed:   func() time.Duration { return time.Since(start) },
			now:      time.Now,
			wallTime: func() time.Time { return time.Now().Round(0) },
		}
		on.read = func() error {
			ctx, cancel := context.WithTimeout(t.Context(), longestRead)
			defer cancel()
			context.AfterFunc(ctx, func() {
				if ctx.Err() == context.DeadlineExceeded {
					_, _ = b.Write([]byte("x"))
				}
			})
			return second(a.Read(make([]byte, 1)))
		}
		if writes {
			on.write = func() error { return second(a.Write([]byte("x"))) }
		}
		transcript = s.play(on)
	})
	return transcript
}

func setterOf(c net.Conn) func(stepKind, time.Time) error {
	return func(of stepKind, t time.Time) error {
		return []func(time.Time) error{c.SetDeadline, c.SetReadDeadline, c.SetWriteDeadline}[of](t)
	}
}

// stageOf returns the stage of something of ours on a loop in virtual time.
func stageOf(ctx context.Context, set func(stepKind, time.Time) error, read, write func() error) stage {
	l := asyncio.RunningLoop(ctx)
	start := l.Now()
	return stage{
		set: set, write: write,
		read: func() error {
			err := asyncio.WithTimeout(ctx, longestRead, func(context.Context) error { return read() })
			if errors.Is(err, asyncio.ErrTimeout) {
				return nil
			}
			return err
		},
		sleep:    func(d time.Duration) { _ = asyncio.Sleep(ctx, d) },
		passed:   func() time.Duration { return l.Now().Sub(start) },
		now:      time.Now,
		wallTime: l.Now,
	}
}

func stageOfConn(ctx context.Context, c net.Conn) stage {
	return stageOf(ctx, setterOf(c), readerOf(c), func() error { return second(c.Write([]byte("x"))) })
}

// onVirtualPair plays on one end of a connection, for which open makes both.
func onVirtualPair(t *testing.T, open func(ctx context.Context) (a, b net.Conn), s script) (transcript []string) {
	t.Helper()
	asynctest.InVirtualTime(t, func(ctx context.Context) {
		a, b := open(ctx)
		defer b.Close()
		defer a.Close()
		transcript = s.play(stageOfConn(ctx, a))
	})
	return transcript
}

func TestDeadlinesAreThoseOfPackageNet(t *testing.T) {
	conns := map[string]func(ctx context.Context) (a, b net.Conn){
		"asynciotest": asynciotest.Pipe,
		"adopted TLS": func(ctx context.Context) (a, b net.Conn) {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			x, y := shakeUntimed(ctx, t, client, server)
			return must(streams.Adopt(ctx, x))(t), y
		},
	}
	for network, address := range networks(t) {
		conns[network] = func(ctx context.Context) (a, b net.Conn) { return pair(ctx, t, network, address) }
	}
	others := map[string]func(t *testing.T, ctx context.Context) (timed, io.Closer, func(stepKind, time.Time) error){
		"an adopted pipe": func(t *testing.T, ctx context.Context) (timed, io.Closer, func(stepKind, time.Time) error) {
			a, b := net.Pipe()
			c := must(streams.Adopt(ctx, a))(t)
			return timed{c, c.SetDeadline, readerOf(c)}, b, setterOf(c)
		},
	}
	others["TLS"] = func(t *testing.T, ctx context.Context) (timed, io.Closer, func(stepKind, time.Time) error) {
		x, y := pair(ctx, t, "tcp", "127.0.0.1:0")
		a, b := shakeUntimed(ctx, t, x, y) // a late write would be its last
		return timed{a, a.SetDeadline, readerOf(a)}, b, setterOf(a)
	}
	for name, newTimed := range timedOnes {
		others[name] = func(t *testing.T, ctx context.Context) (timed, io.Closer, func(stepKind, time.Time) error) {
			c, other := newTimed(ctx, t)
			return c, other, func(of stepKind, when time.Time) error {
				if of == toSetWrite { // a Listener has none
					return nil
				}
				return c.SetDeadline(when)
			}
		}
	}
	const scripts = 15
	for seed := range uint64(scripts) {
		s := randomScript(rand.New(rand.NewPCG(seed, 1)))
		want, wantOfReads := s.playOnPipe(t, true), s.playOnPipe(t, false)
		for name, open := range conns {
			expectTranscript(t, name, seed, onVirtualPair(t, open, s), want)
		}
		for name, open := range others {
			var got []string
			asynctest.InVirtualTime(t, func(ctx context.Context) {
				c, other, set := open(t, ctx)
				defer other.Close()
				defer c.Close()
				got = s.play(stageOf(ctx, set, c.wait, nil))
			})
			expectTranscript(t, name, seed, got, wantOfReads)
		}
	}
}

// shakeUntimed starts TLS at both ends, however long that takes: it is not to end
// by the virtual clock.
func shakeUntimed(ctx context.Context, t *testing.T, client, server net.Conn) (secureClient, secureServer *tls.Conn) {
	t.Helper()
	serverConfig, clientConfig := certificates(t)
	task := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
		return streams.StartTLSWith(ctx, server, serverConfig, streams.Server, streams.HandshakeTimeout(-1))
	})
	secureClient = must(streams.StartTLSWith(ctx, client, clientConfig, streams.Client, streams.HandshakeTimeout(-1)))(t)
	return secureClient, must(task.Await(ctx))(t)
}

func expectTranscript(t *testing.T, name string, seed uint64, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s, seed %d:\n%q\nwant\n%q", name, seed, got, want)
	}
}

func TestDeadlinesOnTheRealClock(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		for name, newTimed := range timedOnes {
			t.Run(name, func(t *testing.T) {
				run(t, func(ctx context.Context) error {
					c, other := newTimed(ctx, t)
					defer other.Close()
					defer c.Close()
					for _, d := range deadlines {
						for _, now := range []time.Time{time.Now(), time.Now().Round(0)} {
							when := d.when(now)
							expectError(t, "SetDeadline", c.SetDeadline(when), nil)
							want := error(asyncio.ErrCanceled)
							if !when.IsZero() && !when.After(now) {
								want = os.ErrDeadlineExceeded
							}
							reading := asyncio.Go(ctx, func(context.Context) error { return c.wait() })
							for range 5 {
								_ = asyncio.Yield(ctx)
							}
							reading.Cancel()
							expectError(t, "waiting with a deadline of "+d.name, second(reading.Await(ctx)), want)
						}
					}
					return nil
				})
			})
		}
	})
}
