//go:build unix

package asyncio_test

import (
	"context"
	"errors"
	"math/bits"
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// socketPair returns two descriptors that are connected.
func socketPair(t *testing.T) (a, b int) {
	t.Helper()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, fd := range fds {
			syscall.Close(fd)
		}
	})
	for _, fd := range fds {
		if err := syscall.SetNonblock(fd, true); err != nil {
			t.Fatal(err)
		}
	}
	return fds[0], fds[1]
}

func sendTo(t *testing.T, fd int, text string) {
	t.Helper()
	if _, err := syscall.Write(fd, []byte(text)); err != nil {
		t.Error(err)
	}
}

func recvFrom(t *testing.T, fd int) string {
	t.Helper()
	buf := make([]byte, 64)
	n, err := syscall.Read(fd, buf)
	if err != nil {
		t.Error(err)
		return ""
	}
	return string(buf[:n])
}

func TestAddReader(t *testing.T) {
	t.Run("calls when there is something to read, until it is removed", func(t *testing.T) {
		a, b := socketPair(t)
		var got []string
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			err := l.AddReader(uintptr(a), func() {
				got = append(got, recvFrom(t, a))
				if len(got) == 2 {
					asynctest.ExpectEqual(t, "removed", l.RemoveReader(uintptr(a)), true)
					asynctest.ExpectEqual(t, "removed again", l.RemoveReader(uintptr(a)), false)
					_ = done.SetResult(1)
					return
				}
				sendTo(t, b, "two")
			})
			if err != nil {
				return err
			}
			sendTo(t, b, "one")
			_, err = done.Await(ctx)
			return err
		})
		if !slices.Equal(got, []string{"one", "two"}) {
			t.Errorf("got %q", got)
		}
	})
	t.Run("calls again in every pass while nothing is read", func(t *testing.T) {
		a, b := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, enough := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			calls := 0
			err := l.AddReader(uintptr(a), func() {
				if calls++; calls == 3 {
					_ = enough.SetResult(calls)
					l.RemoveReader(uintptr(a))
				}
			})
			if err != nil {
				return err
			}
			sendTo(t, b, "one")
			_, err = enough.Await(ctx)
			return err
		})
	})
	t.Run("is heard by a loop that is never idle, and timers are too", func(t *testing.T) {
		a, b := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, heard := asyncio.RunningLoop(ctx), false
			if err := l.AddReader(uintptr(a), func() { recvFrom(t, a); heard = true }); err != nil {
				return err
			}
			sendTo(t, b, "one")
			for passes := 0; !heard; passes++ {
				if passes > 64 {
					t.Fatal("not heard within 64 passes")
				}
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			l.RemoveReader(uintptr(a))
			return nil
		})
	})
	t.Run("does not keep a timer from firing", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		a, b := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l := asyncio.RunningLoop(ctx)
			if err := l.AddReader(uintptr(a), func() {}); err != nil { // it is always ready
				return err
			}
			defer l.RemoveReader(uintptr(a))
			sendTo(t, b, "one")
			return asyncio.Sleep(ctx, time.Millisecond)
		})
	})
	t.Run("replaces the callback, and one that was due is not called", func(t *testing.T) {
		a, b := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			if err := l.AddReader(uintptr(a), func() { t.Error("the replaced callback was called") }); err != nil {
				return err
			}
			sendTo(t, b, "one")
			err := l.AddReader(uintptr(a), func() {
				l.RemoveReader(uintptr(a))
				_ = done.SetResult(1)
			})
			if err != nil {
				return err
			}
			_, err = done.Await(ctx)
			return err
		})
	})
	t.Run("of a regular file calls, for one never waits for it", func(t *testing.T) {
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			err := l.AddReader(file.Fd(), func() {
				l.RemoveReader(file.Fd())
				_ = done.SetResult(1)
			})
			if err != nil {
				return err
			}
			_, err = done.Await(ctx)
			return err
		})
	})
	t.Run("and AddWriter of a regular file call both", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		file, err := os.CreateTemp(t.TempDir(), "")
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, read, wrote := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx), asyncio.NewFuture[int](ctx)
			err := errors.Join(
				l.AddReader(file.Fd(), func() { l.RemoveReader(file.Fd()); _ = read.SetResult(1) }),
				l.AddWriter(file.Fd(), func() { l.RemoveWriter(file.Fd()); _ = wrote.SetResult(1) }),
			)
			if err != nil {
				return err
			}
			_, _, err = asyncio.Gather2(ctx, read, wrote)
			return err
		})
	})
	t.Run("of a descriptor that was closed and opened anew without RemoveReader hears the new one", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		a, _ := socketPair(t)
		b, other := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[string](ctx)
			if err := l.AddReader(uintptr(a), func() {}); err != nil {
				return err
			}
			syscall.Close(a)
			if got, err := unix.FcntlInt(uintptr(b), unix.F_DUPFD_CLOEXEC, a); got != a {
				t.Fatalf("the new descriptor is %d: %v", got, err)
			}
			err := l.AddReader(uintptr(a), func() {
				l.RemoveReader(uintptr(a))
				_ = done.SetResult(recvFrom(t, a))
			})
			if err != nil {
				return err
			}
			sendTo(t, other, "new")
			if text, err := done.Await(ctx); text != "new" || err != nil {
				t.Errorf("it read %q, %v", text, err)
			}
			return nil
		})
	})
	t.Run("of a number that no descriptor has returns an error", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			for _, fd := range []uintptr{1 << 30, 1 << (bits.UintSize - 2), ^uintptr(0)} {
				if err := asyncio.RunningLoop(ctx).AddReader(fd, func() {}); !errors.Is(err, syscall.EBADF) {
					t.Errorf("of %d it returned %v", fd, err)
				}
			}
			return nil
		})
	})
	t.Run("of a closed descriptor returns an error", func(t *testing.T) {
		asynctest.SkipInOtherWorlds(t)
		a, _ := socketPair(t)
		asynctest.MustEnd(t, func(ctx context.Context) error {
			closed, err := syscall.Dup(a)
			if err != nil {
				return err
			}
			syscall.Close(closed)
			err = asyncio.RunningLoop(ctx).AddReader(uintptr(closed), func() {})
			if !errors.Is(err, syscall.EBADF) || !strings.Contains(err.Error(), "AddReader") {
				t.Errorf("it returned %v", err)
			}
			return nil
		})
	})
	t.Run("on a loop that has ended returns ErrLoopClosed", func(t *testing.T) {
		a, _ := socketPair(t)
		var l *asyncio.Loop
		asynctest.MustEnd(t, func(ctx context.Context) error { l = asyncio.RunningLoop(ctx); return nil })
		if err := l.AddReader(uintptr(a), func() {}); !errors.Is(err, asyncio.ErrLoopClosed) {
			t.Errorf("it returned %v", err)
		}
	})
	t.Run("is ended by RemoveReader on a loop that has ended, too", func(t *testing.T) {
		a, b := socketPair(t)
		var l *asyncio.Loop
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l = asyncio.RunningLoop(ctx)
			return l.AddReader(uintptr(a), func() {})
		})
		asynctest.ExpectEqual(t, "removed", l.RemoveReader(uintptr(a)), true)
		asynctest.ExpectEqual(t, "removed again", l.RemoveReader(uintptr(a)), false)
		asynctest.ExpectEqual(t, "removed what was never added", l.RemoveWriter(uintptr(b)), false)
	})
	t.Run("reports a panic of the callback and goes on", func(t *testing.T) {
		a, b := socketPair(t)
		calls := 0
		reports := asynctest.ReportsOf(t, func(ctx context.Context) {
			calls = 0
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			_ = l.AddReader(uintptr(a), func() {
				if calls++; calls == 1 {
					panic("boom")
				}
				l.RemoveReader(uintptr(a))
				_ = done.SetResult(1)
			})
			sendTo(t, b, "one")
			_, _ = done.Await(ctx)
		})
		if len(reports) != 1 || calls != 2 {
			t.Errorf("%d calls, reported: %v", calls, reports)
		}
	})
}

func TestAddWriter(t *testing.T) {
	t.Run("calls while there is room, beside a reader of the same descriptor", func(t *testing.T) {
		a, b := socketPair(t)
		var order []string
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, done := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			failed := errors.Join(
				l.AddReader(uintptr(a), func() {
					order = append(order, "read "+recvFrom(t, a))
					l.RemoveReader(uintptr(a))
					_ = done.SetResult(1)
				}),
				l.AddWriter(uintptr(a), func() {
					order = append(order, "write")
					l.RemoveWriter(uintptr(a))
					sendTo(t, b, "one")
				}),
			)
			if failed != nil {
				return failed
			}
			_, err := done.Await(ctx)
			return err
		})
		if !slices.Equal(order, []string{"write", "read one"}) {
			t.Errorf("got %q", order)
		}
	})
	t.Run("does not call when there is no room", func(t *testing.T) {
		a, b := socketPair(t)
		full := make([]byte, 1<<16)
		for {
			if _, err := syscall.Write(a, full); err != nil {
				break
			}
		}
		asynctest.MustEnd(t, func(ctx context.Context) error {
			l, room := asyncio.RunningLoop(ctx), asyncio.NewFuture[int](ctx)
			err := l.AddWriter(uintptr(a), func() {
				l.RemoveWriter(uintptr(a))
				_ = room.SetResult(1)
			})
			if err != nil {
				return err
			}
			for range 100 {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
			asynctest.ExpectEqual(t, "called while it is full", room.Done(), false)
			for n := 1; n > 0; {
				n, _ = syscall.Read(b, full)
			}
			_, err = room.Await(ctx)
			return err
		})
	})
}
