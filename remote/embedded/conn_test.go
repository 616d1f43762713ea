package embedded_test

import (
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
)

// A connection that publishes what it also subscribes to writes, reads and answers pings
// at the same time.
func TestConnInBothDirections(t *testing.T) {
	s := start(t, t.TempDir(), embedded.InProcess())
	broken := make(chan error, 10)
	nc, err := s.Conn(nats.PingInterval(time.Millisecond), nats.MaxPingsOutstanding(1<<20), nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
		broken <- err
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.SetDisconnectErrHandler(nil)
	const messages = 100_000
	arrived, done := 0, make(chan struct{})
	sub, err := nc.Subscribe("x", func(*nats.Msg) {
		if arrived++; arrived == messages {
			close(done)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := sub.SetPendingLimits(-1, -1); err != nil {
		t.Fatal(err)
	}
	for range messages {
		if err := nc.Publish("x", make([]byte, 200)); err != nil {
			t.Fatal(err)
		}
	}
	select {
	case <-done:
	case err := <-broken:
		t.Fatalf("the connection broke: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("messages are missing after a minute")
	}
}
