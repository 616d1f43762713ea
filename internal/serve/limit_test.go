package serve

import (
	"errors"
	"net"
	"testing"

	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// Who opens many connections takes no more descriptors than that from the program, and
// the others are served when some have ended.
func TestLimited(t *testing.T) {
	asynctest.NothingIsLeft(t)
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := newLimited(inner, 1)
	accepted, ended := make(chan net.Conn), make(chan error)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				ended <- err
				return
			}
			accepted <- c
		}
	}()
	for range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	first := asynctest.Receive(t, accepted)
	if n := len(l.places); n != 1 {
		t.Errorf("%d places are taken, want 1", n)
	}
	select {
	case <-accepted:
		t.Error("a second connection was accepted while the first one is open")
	default:
	}
	first.Close()
	first.Close() // gives back one place only
	second := asynctest.Receive(t, accepted)
	defer second.Close()
	if err := l.Close(); err != nil { // while Accept waits for a place
		t.Error(err)
	}
	if err := asynctest.Receive(t, ended); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Accept has ended with %v", err)
	}
}
