package poller

import (
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// A heard is a watcher that counts what it is told.
type heard int

func (h *heard) Ready(engine.Readiness) { *h++ }
func (h *heard) LoopClosed()            {}

// A signal may interrupt a look at any time: the news is there after it.
func TestEpollIsInterrupted(t *testing.T) {
	for name, timeout := range map[string]time.Duration{"that does not wait": 0, "that waits": time.Hour} {
		t.Run("in a look "+name, func(t *testing.T) {
			p, err := newSystem()
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			p.spins.trust = minTrust // it sleeps at once
			interruptions := 0
			p.ask = func(fd int, events []unix.EpollEvent) (int, syscall.Errno) {
				if interruptions++; interruptions%4 != 0 {
					return 0, unix.EINTR
				}
				return epollWait(fd, events)
			}
			var pipe [2]int
			if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK|unix.O_CLOEXEC); err != nil {
				t.Fatal(err)
			}
			defer unix.Close(pipe[0])
			defer unix.Close(pipe[1])
			var h heard
			if err := p.Watch(pipe[0], engine.Readable, true, &h); err != nil {
				t.Fatal(err)
			}
			for want := range heard(3) {
				if _, err := unix.Write(pipe[1], []byte("x")); err != nil {
					t.Fatal(err)
				}
				for h == want {
					if err := p.Wait(timeout); err != nil {
						t.Fatal(err)
					}
				}
			}
		})
	}
}
