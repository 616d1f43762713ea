package streams_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

func TestPipeLeavesTheBlockingModeOfOthersAlone(t *testing.T) {
	withPipes(t, func(ctx context.Context, t *testing.T) {
		var fds [2]int
		err := unix.Pipe(fds[:])
		in, out := twoFiles(t, fds, err)
		for _, f := range []*os.File{in, out} {
			p, err := streams.OpenPipe(ctx, f)
			expectIs(t, "OpenPipe", err, nil)
			mustClose(t, p)
		}
		for _, fd := range fds {
			if !blocks(t, fd) {
				t.Error("it no longer blocks")
			}
		}
	})
}

// pseudoterminal returns both sides of one; what is written on one side is
// read on the other.
func pseudoterminal(t *testing.T) (master, slave *os.File) {
	t.Helper()
	fd, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip("no pseudoterminals: ", err)
	}
	master = os.NewFile(uintptr(fd), "master")
	t.Cleanup(func() { master.Close() })
	n, err := unix.IoctlGetInt(fd, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Skip(err)
	}
	sys, err := unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skip(err)
	}
	slave = os.NewFile(uintptr(sys), "slave")
	t.Cleanup(func() { slave.Close() })
	return master, slave
}

func TestPipeOfATerminal(t *testing.T) {
	t.Run("reads lines as they are typed, and writes", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			master, slave := pseudoterminal(t)
			shared := int(slave.Fd())
			m, err := streams.OpenPipe(ctx, master)
			expectIs(t, "OpenPipe", err, nil)
			s, err := streams.OpenPipe(ctx, slave)
			expectIs(t, "OpenPipe", err, nil)
			exchange(ctx, t, s, m)
			echo, err := readSome(m)
			expect(t, echo, err, "text\r\n", nil)
			mustWrite(t, s, "answer")
			answer, err := readSome(m)
			expect(t, answer, err, "answer", nil)
			if !blocks(t, shared) {
				t.Error("the terminal of others no longer blocks")
			}
			mustClose(t, s)
			mustClose(t, m)
			mustClose(t, master)
			mustClose(t, slave)
		})
	})
	t.Run("waits for the next line", func(t *testing.T) {
		withPipes(t, func(ctx context.Context, t *testing.T) {
			master, slave := pseudoterminal(t)
			m, s := openPipe(ctx, t, master, nil), openPipe(ctx, t, slave, nil)
			var lines []string
			reader := asyncio.Go(ctx, func(context.Context) error {
				for range 3 {
					line, err := readSome(s)
					if err != nil {
						return err
					}
					lines = append(lines, string(line))
				}
				return nil
			})
			for _, line := range []string{"one\n", "two\n", "three\n"} {
				mustWrite(t, m, line)
				_, _ = readSome(m) // the echo
			}
			expectIs(t, "the reader", second(reader.Await(ctx)), nil)
			if got := strings.Join(lines, ""); got != "one\ntwo\nthree\n" {
				t.Errorf("it read %q", got)
			}
		})
	})
}
