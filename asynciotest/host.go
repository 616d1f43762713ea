package asynciotest

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"slices"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/simnet"
)

// A Host is a machine of a Network, on which a program runs.
type Host struct {
	network *Network
	name    string
	main    func(ctx context.Context) error // nil: it is the test's own host
	clock   hostClock
	disk    map[string][]byte
	sim     *simnet.Host // each time it is started, another
	task    *asyncio.Task[struct{}]
	stops   bool // it is to end
}

// ErrHostCrashed is the error of waits and calls on a host that has crashed. It is also
// the cause with which the contexts of the host are canceled.
var ErrHostCrashed = errors.New("asynciotest: the host has crashed")

// Name returns the host's name.
func (h *Host) Name() string { return h.name }

// Addrs returns the host's addresses, without those of loopback.
func (h *Host) Addrs() []netip.Addr { return h.sim.Addrs() }

// Disk returns the disk of the host, a map from names to contents that survives a crash.
// After a crash, deferred functions of the host get a copy, so they cannot change the
// disk.
func (h *Host) Disk() map[string][]byte {
	h.check("Host.Disk")
	if scope := h.network.loop().InnermostScope(); scope != nil {
		if sim := simnet.HostOf(scope); sim != nil && sim.Down() == ErrHostCrashed {
			return cloneDisk(h.disk)
		}
	}
	return h.disk
}

func cloneDisk(disk map[string][]byte) map[string][]byte {
	disk = maps.Clone(disk)
	for name, content := range disk {
		disk[name] = slices.Clone(content)
	}
	return disk
}

// start runs main.
func (h *Host) start() {
	h.stops = false
	sim := h.sim
	ctx := engine.WithWallClock(sim.Context(h.network.session.ctx), h.clock.now)
	h.task = asyncio.Go(ctx, h.main, asyncio.Name(h.name))
	h.task.AddDoneCallback(func(t *asyncio.Task[struct{}]) { h.ended(sim, t) })
}

// ended is called when main has returned.
func (h *Host) ended(sim *simnet.Host, t *asyncio.Task[struct{}]) {
	if sim.Down() != nil { // it has crashed
		return
	}
	sim.Close(net.ErrClosed)
	for _, t := range h.tasks(sim) {
		t.Cancel(nil)
	}
	s := h.network.session
	_, err := t.Result()
	var panicked *asyncio.PanicError // which was reported
	switch {
	case err == nil, s.stuck, errors.As(err, &panicked), errors.Is(err, engine.ErrGoexit):
	case t.Canceled() && (h.stops || s.ending || h.network.loop().Exiting()):
	default:
		s.failf("host %s: main returned: %v", h.name, err)
	}
}

// tasks returns the tasks that are on the host.
func (h *Host) tasks(sim *simnet.Host) (all []*engine.Task) {
	for t := range h.network.loop().Tasks {
		if simnet.HostOf(t.Context()) == sim {
			all = append(all, t)
		}
	}
	return all
}

// Crash lets the host crash, like a process that is killed. From this moment on, the host
// cannot use its connections and its disk. Connections are reset at their other ends,
// when the reset has traveled there, and new ones are refused. Then the tasks of the host
// end: deferred functions run, but their waits and their calls on the host return
// ErrHostCrashed, and their errors and panics are no failures of the test. A task that
// has its turn already may go on to its next wait.
//
// What the tasks do to the program's variables is not undone. On a host that does not run,
// Crash does nothing.
func (h *Host) Crash() {
	h.check("Host.Crash")
	if h.sim.Down() != nil {
		return
	}
	h.sim.Crash(ErrHostCrashed)
	h.disk = cloneDisk(h.disk)
	(&crash{h, h.sim}).Fire()
}

// A crash is the event that ends the tasks of a host. Deferred functions may start others,
// so it comes again until there are none.
type crash struct {
	host *Host
	sim  *simnet.Host
}

// Fire makes a crash an engine.Event.
func (c *crash) Fire() {
	tasks := c.host.tasks(c.sim)
	s := c.host.network.session
	for _, t := range tasks {
		s.crashed[t.ID()] = true
		t.Crash(ErrHostCrashed)
	}
	if len(tasks) > 0 {
		_ = c.host.network.loop().Post(c) // fails on no loop that runs
	}
}

// Stop cancels main and waits until it has returned, even if ctx is canceled meanwhile.
// On a host that does not run, it does nothing.
func (h *Host) Stop(ctx context.Context) {
	h.check("Host.Stop")
	if h.sim.Down() != nil {
		return
	}
	h.cancel()
	_, _ = h.task.Await(ctx) // ended says what is to be said of it
}

func (h *Host) cancel() {
	if h.sim.Down() == nil {
		h.stops = true
		h.task.Cancel()
	}
}

// Restart runs main again, with what Disk holds. If the host still runs, it crashes first.
func (h *Host) Restart() {
	h.Crash()
	h.sim = h.sim.Up()
	h.start()
}

// check panics if it is the test's own host, or on another goroutine than the loop's.
func (h *Host) check(op string) {
	h.network.check(op)
	if h.main == nil {
		panic("asynciotest: " + op + ": the test itself is on localhost, which has no main and no disk: use a host that Network.Host has added")
	}
}
