package simnet

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio/internal/engine"
)

// Lookup makes a Network a conn.Network. It knows localhost, and the names below it, and
// the names of hosts. IPv6 comes first, as in the order of RFC 6724. It suspends the task
// if answers take time.
func (n *Network) Lookup(ctx context.Context, version, host string) ([]netip.Addr, error) {
	w, err := engine.Begin(ctx, "Lookup")
	if err != nil { // it is canceled
		return nil, err
	}
	if _, err := n.hostOf(ctx); err != nil {
		return nil, err
	}
	name := canonical(host)
	if isLocal(name) {
		return ofVersion(version, []netip.Addr{netip.IPv6Loopback(), loopback4}), nil
	}
	if d := n.delayOf(name); d > 0 {
		w.Loop().MustMaySuspend("Lookup")
		w.Until(n.loop.After(d))
		if err := w.Park(nil, lookupWait(name)); err != nil {
			return nil, err
		}
	}
	h := n.names[name]
	if h == nil || n.lookups[name].hidden > 0 {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return ofVersion(version, h.addrs), nil
}

// A lookup holds the settings for looking up one name.
type lookup struct {
	delay   time.Duration
	delayed bool // the delay was set
	hidden  int  // how often the name was hidden
}

func (n *Network) delayOf(name string) time.Duration {
	if l := n.lookups[name]; l.delayed {
		return l.delay
	}
	return n.delay
}

// DelayLookups sets how long it takes to look up a name that has no delay of its own.
func (n *Network) DelayLookups(d time.Duration) { n.delay = d }

// DelayName sets how long it takes to look up a name.
func (n *Network) DelayName(name string, d time.Duration) {
	l := n.lookups[canonical(name)]
	l.delay, l.delayed = d, true
	n.lookups[canonical(name)] = l
}

// HideName makes a name unknown, until show is called as often as HideName was.
func (n *Network) HideName(name string) (show func()) {
	hide := func(by int) {
		l := n.lookups[canonical(name)]
		l.hidden += by
		n.lookups[canonical(name)] = l
	}
	hide(1)
	return sync.OnceFunc(func() { hide(-1) })
}

// ofVersion returns those of "ip4", "ip6", or, of "ip", all, IPv6 first.
func ofVersion(version string, all []netip.Addr) (some []netip.Addr) {
	for _, six := range []bool{true, false} {
		if version == "ip4" && six || version == "ip6" && !six {
			continue
		}
		for _, a := range all {
			if a.Is6() == six {
				some = append(some, a)
			}
		}
	}
	return some
}

// lookupWait is a name as what a task waits for.
type lookupWait string

var labelLookup = engine.NewLabel("lookup")

// Describe says "lookup b".
func (w lookupWait) Describe() string { return labelLookup.Describe() + " " + string(w) }

// Ref makes it an engine.Reason.
func (w lookupWait) Ref(*engine.Loop) engine.Ref { return engine.Ref{Label: labelLookup} }
