// Package servingtest runs the servers of this module in tests, beside real
// clients.
package servingtest

import (
	"context"
	"net"
	"testing"
	"time"
)

// Patience is how long a test waits for what must come. It decides nothing: a
// test that needs it has failed.
const Patience = 30 * time.Second

// Start runs a server beside the test, which it outlives by nothing: stop, or
// the end of the test, ends the server, and expects no error of it.
func Start(t *testing.T, run func(ctx context.Context, started func(net.Addr)) error) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	started, ended := make(chan net.Addr, 1), make(chan error, 1)
	go func() { ended <- run(ctx, func(at net.Addr) { started <- at }) }()
	over := false
	stop = func() {
		cancel()
		if over {
			return
		}
		over = true
		select {
		case err := <-ended:
			if err != nil {
				t.Errorf("the server ended with %v", err)
			}
		case <-time.After(Patience):
			t.Error("the server does not end")
		}
	}
	t.Cleanup(stop)
	select {
	case at := <-started:
		return at.String(), stop
	case err := <-ended:
		over = true
		t.Fatalf("the server did not start: %v", err)
	case <-time.After(Patience):
		t.Fatal("the server does not start")
	}
	return "", nil
}

// Dial connects to a server, with a deadline for all that follows.
func Dial(t *testing.T, address string) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(Patience))
	return conn.(*net.TCPConn)
}
