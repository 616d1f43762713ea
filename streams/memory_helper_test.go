package streams_test

import (
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/simnet/twohosts"
	"github.com/asyncio-go/asyncio/internal/virtual"
)

// A memoryWay is a network in memory that tests run on.
type memoryWay struct {
	name    string
	apart   bool // who listens and who dials are on two hosts
	far     bool // and what they send takes time, and may be lost
	options func() []asyncio.Option
}

var memoryWays = []memoryWay{
	{name: "memory", options: func() []asyncio.Option { return []asyncio.Option{simnet.InMemory()} }},
	{name: "two hosts", apart: true, options: func() []asyncio.Option { return []asyncio.Option{twohosts.InMemory(nil)} }},
	{name: "far apart", apart: true, far: true, options: farApart},
}

// farApart is a slow network that loses segments, on a clock that jumps: by the real one,
// each loss would cost a fifth of a second.
func farApart() []asyncio.Option {
	world := &virtual.World{Patience: 500 * time.Millisecond}
	return []asyncio.Option{world.Option(), twohosts.InMemory(func(links *simnet.Link) {
		slow(links)
		links.SetLoss(0.01)
		links.SetBandwidth(10 << 20)
	})}
}

func slow(links *simnet.Link) { links.SetLatency(time.Millisecond, 3*time.Millisecond) }

// memory is the network that tests run on now; nil: it is the system's.
var memory *memoryWay

func inMemory() bool { return memory != nil }

// everyWayInMemory runs a test on all networks in memory.
func everyWayInMemory(t *testing.T, test func(t *testing.T)) {
	for _, way := range memoryWays {
		t.Run(way.name, func(t *testing.T) {
			memory = &way
			defer func() { memory = nil }()
			test(t)
		})
	}
}

// memoryOptions returns the options for the network that tests run on now. It skips a test
// that cannot hold there.
func memoryOptions(t *testing.T) []asyncio.Option {
	t.Helper()
	if !inMemory() {
		return nil
	}
	for _, d := range differences {
		if !memory.apart || d.far && !memory.far || !strings.Contains(t.Name(), strings.ReplaceAll(d.test, " ", "_")) {
			continue
		}
		if d.real {
			return []asyncio.Option{twohosts.InMemory(slow)}
		}
		t.Skip("between two hosts " + d.because)
	}
	return memory.options()
}

// differences are the tests that expect what is only true within one host.
var differences = []struct {
	test    string // a part of its name
	far     bool   // it is true between hosts as well, where nothing takes time
	real    bool   // it is true where only latency is added, on the real clock
	because string
}{
	{test: "TestDial/binds this side", because: "no address of loopback can be the source"},
	{test: "TestDial/to an unspecified address", because: "an unspecified address is another host's here, and says so"},
	{test: "TestAdopt/lets a tls.Conn on a Conn be read", far: true, because: onItsWay},
	{test: "TestAdoptTLS/can be read while it is written", far: true, because: onItsWay},
	{test: "TestCloseUnderWriter/of TLS that is read and written at once", far: true, because: onItsWay},
	{test: "TestPeerThatNeverReads", far: true, because: "the bytes that are on their way are in the heap that the test measures"},
	{test: "TestDeadlinesOnTheRealClock", real: true, because: "it is about the real clock"},
	{test: "TestDial/resolves names off the loop", real: true, because: busy},
	{test: "TestStarvation", real: true, because: busy},
	{test: "TestServe/closes the connections of handlers that never began", real: true, because: "it needs a clock that moves between two passes"},
}

const (
	onItsWay = "the reset by the peer is still on its way when the loop ends, which reports what was not written"
	busy     = "a task that never waits lets no clock jump"
)
