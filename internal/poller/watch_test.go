//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package poller

import (
	"math"
	"math/bits"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A listener is a watcher that notes what it hears.
type listener struct {
	heard  []engine.Readiness
	closed int
	then   func() // called when it hears
}

func (l *listener) Ready(r engine.Readiness) {
	l.heard = append(l.heard, r)
	if l.then != nil {
		l.then()
	}
}

func (l *listener) LoopClosed() { l.closed++ }

// take returns what was heard since the last take.
func (l *listener) take() (all engine.Readiness, times int) {
	for _, r := range l.heard {
		all |= r
	}
	times = len(l.heard)
	l.heard = nil
	return all, times
}

// withPoller tests all pollers that watch descriptors.
func withPoller(t *testing.T, test func(t *testing.T, p engine.Descriptors)) {
	inAll(t, func(t *testing.T, p poller) {
		if d, ok := p.(engine.Descriptors); ok {
			test(t, d)
		}
	})
}

// socketPair returns two descriptors that are connected, and are closed at the
// end of the test.
func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if err := unix.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
	}
	return fds[0], fds[1]
}

func send(t *testing.T, fd int, text string) {
	t.Helper()
	if _, err := unix.Write(fd, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

func mustWatch(t *testing.T, p engine.Descriptors, fd int, about engine.Readiness, edge bool, w engine.Watcher) {
	t.Helper()
	if err := p.Watch(fd, about, edge, w); err != nil {
		t.Fatal(err)
	}
}

func mustUnwatch(t *testing.T, p engine.Descriptors, fd int) {
	t.Helper()
	if err := p.Unwatch(fd); err != nil {
		t.Error(err)
	}
}

// expectHeard polls, and expects what the watcher has heard by then.
func expectHeard(t *testing.T, p engine.Descriptors, l *listener, want engine.Readiness) {
	t.Helper()
	expectHeardIn(t, p, 0, l, want)
}

// expectHeardIn is expectHeard in a Wait with a timeout.
func expectHeardIn(t *testing.T, p engine.Descriptors, timeout time.Duration, l *listener, want engine.Readiness) {
	t.Helper()
	mustWait(t, p, timeout)
	if got, _ := l.take(); got != want {
		t.Errorf("it heard %b, want %b", got, want)
	}
}

const both = engine.Readable | engine.Writable

func TestWatch(t *testing.T) {
	t.Run("with edge tells of changes, once", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var l listener
			mustWatch(t, p, a, both, true, &l)
			expectHeard(t, p, &l, engine.Writable)
			expectHeard(t, p, &l, 0)
			send(t, b, "x")
			mustWait(t, p, -1)
			if got, _ := l.take(); got&engine.Readable == 0 {
				t.Errorf("it heard %b", got)
			}
			expectHeard(t, p, &l, 0)
			send(t, b, "y") // though the x was not read
			mustWait(t, p, -1)
			if got, _ := l.take(); got&engine.Readable == 0 {
				t.Errorf("it heard %b of what came later", got)
			}
		})
	})
	t.Run("without edge tells in every Wait", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var l listener
			mustWatch(t, p, a, engine.Readable, false, &l)
			expectHeard(t, p, &l, 0)
			send(t, b, "x")
			for range 3 {
				expectHeard(t, p, &l, engine.Readable)
			}
			if _, err := unix.Read(a, make([]byte, 8)); err != nil {
				t.Fatal(err)
			}
			expectHeard(t, p, &l, 0)
		})
	})
	t.Run("again changes what is asked about", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			send(t, b, "x")
			var l listener
			for _, about := range []engine.Readiness{engine.Readable, both, engine.Writable, engine.Readable} {
				mustWatch(t, p, a, about, false, &l)
				expectHeard(t, p, &l, about)
			}
		})
	})
	t.Run("tells that the other side has hung up", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var l listener
			mustWatch(t, p, a, both, true, &l)
			expectHeard(t, p, &l, engine.Writable)
			if err := unix.Shutdown(b, unix.SHUT_RDWR); err != nil {
				t.Fatal(err)
			}
			mustWait(t, p, -1)
			if got, _ := l.take(); got&engine.Hangup == 0 || got&engine.Readable == 0 {
				t.Errorf("it heard %b", got)
			}
		})
	})
	t.Run("ends a Wait that sleeps", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var l listener
			mustWatch(t, p, a, engine.Readable, true, &l)
			for _, timeout := range []time.Duration{-1, time.Hour} {
				time.AfterFunc(time.Millisecond, func() { _, _ = unix.Write(b, []byte("x")) })
				for len(l.heard) == 0 {
					mustWait(t, p, timeout)
				}
				l.take()
			}
		})
	})
	t.Run("is heard in a Wait that Wake ends, too", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var l listener
			mustWatch(t, p, a, engine.Readable, false, &l)
			send(t, b, "x")
			for _, timeout := range []time.Duration{-1, time.Hour, 0} {
				if err := p.Wake(); err != nil {
					t.Fatal(err)
				}
				expectHeardIn(t, p, timeout, &l, engine.Readable)
			}
		})
	})
	t.Run("of a regular file, which is always ready", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			f, err := os.Create(filepath.Join(t.TempDir(), "file"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			if _, err := f.WriteString("x"); err != nil {
				t.Fatal(err)
			}
			if _, err := f.Seek(0, 0); err != nil {
				t.Fatal(err)
			}
			var l listener
			mustWatch(t, p, int(f.Fd()), engine.Readable, false, &l)
			for range 3 {
				mustWait(t, p, time.Hour) // it does not sleep
				if got, _ := l.take(); got&engine.Readable == 0 {
					t.Errorf("it heard %b", got)
				}
			}
			mustUnwatch(t, p, int(f.Fd()))
			expectHeard(t, p, &l, 0)
		})
	})
	t.Run("of a regular file at its end, in any direction", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			f, err := os.Create(filepath.Join(t.TempDir(), "file"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			var l listener
			for _, about := range []engine.Readiness{engine.Readable, both, engine.Writable} {
				mustWatch(t, p, int(f.Fd()), about, false, &l)
				mustWait(t, p, time.Hour)
				if got, _ := l.take(); got&about != about {
					t.Errorf("it heard %b of %b", got, about)
				}
			}
			mustUnwatch(t, p, int(f.Fd()))
		})
	})
	t.Run("of a pipe that no one reads tells that, once with edge", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			for _, edge := range []bool{false, true} {
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				r.Close()
				var l listener
				mustWatch(t, p, int(w.Fd()), engine.Writable, edge, &l)
				mustWait(t, p, time.Hour)
				if got, _ := l.take(); got&engine.Writable == 0 || got&engine.Hangup == 0 {
					t.Errorf("it heard %b", got)
				}
				mustWait(t, p, 0)
				if _, times := l.take(); (times == 0) != edge {
					t.Errorf("with edge %v, it heard that %d times more", edge, times)
				}
				mustUnwatch(t, p, int(w.Fd()))
			}
		})
	})
	t.Run("again, when the descriptor was closed and its number is another's, watches that", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, _ := socketPair(t)
			c, d := socketPair(t)
			var l listener
			mustWatch(t, p, a, engine.Readable, false, &l)
			if err := unix.Close(a); err != nil {
				t.Fatal(err)
			}
			if got, err := unix.FcntlInt(uintptr(c), unix.F_DUPFD_CLOEXEC, a); got != a || err != nil {
				t.Fatalf("the new descriptor is %d: %v", got, err)
			}
			mustWatch(t, p, a, engine.Readable, false, &l)
			send(t, d, "x")
			expectHeard(t, p, &l, engine.Readable)
			mustUnwatch(t, p, a)
		})
	})
	t.Run("refuses a second watcher, and a descriptor that is closed", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var first, second listener
			mustWatch(t, p, a, engine.Readable, true, &first)
			if p.Watch(a, engine.Readable, true, &second) == nil {
				t.Error("it took a second watcher")
			}
			if p.Watch(-1, engine.Readable, true, &second) == nil {
				t.Error("it took a descriptor below 0")
			}
			for _, fd := range []int{1 << 20, math.MaxInt32, a + 1<<(bits.UintSize-2)} {
				if p.Watch(fd, engine.Readable, true, &second) == nil {
					t.Errorf("it took the descriptor %d, which is not open", fd)
				}
			}
			send(t, b, "x")
			expectHeard(t, p, &first, engine.Readable)
			if second.heard != nil {
				t.Errorf("the second heard %b", second.heard)
			}
		})
	})
}

func TestUnwatch(t *testing.T) {
	t.Run("ends it, for another to begin", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			var first, second listener
			mustWatch(t, p, a, engine.Readable, true, &first)
			mustUnwatch(t, p, a)
			send(t, b, "x")
			expectHeard(t, p, &first, 0)
			mustWatch(t, p, a, engine.Readable, true, &second)
			expectHeard(t, p, &second, engine.Readable)
			if first.heard != nil {
				t.Errorf("the first heard %b", first.heard)
			}
		})
	})
	t.Run("of another, whose turn in this Wait was to come, lets that hear nothing", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			const pairs = 10
			var fds [pairs]int
			var all [pairs]listener
			for i := range fds {
				var other int
				fds[i], other = socketPair(t)
				mustWatch(t, p, fds[i], engine.Readable, true, &all[i])
				send(t, other, "x")
				all[i].then = func() {
					for j, fd := range fds {
						if j != i {
							mustUnwatch(t, p, fd)
						}
					}
				}
			}
			mustWait(t, p, 0)
			told := 0
			for i := range all {
				_, times := all[i].take()
				told += times
			}
			if told != 1 {
				t.Errorf("%d were told, want the first only", told)
			}
		})
	})
	t.Run("and a new descriptor of the same number: what is reported of the old is not told of the new", func(t *testing.T) {
		withPoller(t, func(t *testing.T, p engine.Descriptors) {
			a, b := socketPair(t)
			c, d := socketPair(t)
			e, _ := socketPair(t) // has nothing to say
			var first, second, fresh listener
			// Whichever hears first puts e in the place of the other.
			replace := func(old int) func() {
				return func() {
					mustUnwatch(t, p, old)
					_ = unix.Close(old)
					if got, err := unix.FcntlInt(uintptr(e), unix.F_DUPFD_CLOEXEC, old); got != old || err != nil {
						t.Fatalf("the new descriptor is %d: %v", got, err)
					}
					mustWatch(t, p, old, engine.Readable, true, &fresh)
				}
			}
			first.then, second.then = replace(c), replace(a)
			mustWatch(t, p, a, engine.Readable, true, &first)
			mustWatch(t, p, c, engine.Readable, true, &second)
			send(t, b, "x")
			send(t, d, "x")
			mustWait(t, p, 0)
			mustWait(t, p, 0)
			_, one := first.take()
			_, two := second.take()
			if one+two != 1 {
				t.Errorf("the old ones heard %d and %d times", one, two)
			}
			if fresh.heard != nil {
				t.Errorf("the new one heard %b", fresh.heard)
			}
		})
	})
}

func TestCloseTellsWatchers(t *testing.T) {
	withPoller(t, func(t *testing.T, p engine.Descriptors) {
		var left, gone listener
		a, b := socketPair(t)
		mustWatch(t, p, a, engine.Readable, true, &left)
		mustWatch(t, p, b, engine.Readable, true, &gone)
		mustUnwatch(t, p, b)
		t.Cleanup(func() { // after the poller was closed
			if left.closed != 1 || gone.closed != 0 {
				t.Errorf("the one that was left was told %d times, the other %d times", left.closed, gone.closed)
			}
		})
	})
}
