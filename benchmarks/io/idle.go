//go:build linux

package main

import (
	"errors"
	"fmt"

	"github.com/asyncio-go/asyncio/benchmarks/io/internal/control"
)

// idleResult is what a connection that does nothing costs a side.
type idleResult struct {
	Side        string  `json:"side"`
	Connections int     `json:"connections"`
	Bytes       float64 `json:"bytes"`   // of resident memory, per connection
	Against     float64 `json:"against"` // divided by those of net
	Target      float64 `json:"target,omitempty"`
	Reached     bool    `json:"reached"`
}

// idleTarget is what ours divided by net's is not to exceed.
const idleTarget = 1

// measureIdle lets every side hold connections, each of which has had one
// request. Measured is what the process has grown by, after a collection; what
// the kernel keeps for a connection is the same for all.
func (p place) measureIdle(all []side) ([]idleResult, error) {
	var results []idleResult
	for _, s := range all {
		bytes, err := p.holdIdle(s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		x := idleResult{Side: s.name, Connections: p.idle, Bytes: bytes}
		if s.ours() && !p.untargeted {
			x.Target = idleTarget
		}
		results = append(results, x)
	}
	for _, base := range results {
		if base.Side != baseline {
			continue
		}
		for i := range results {
			x := &results[i]
			x.Against = x.Bytes / base.Bytes
			x.Reached = x.Target > 0 && x.Against <= x.Target
		}
	}
	return results, nil
}

// holdIdle returns the bytes per connection of one side.
func (p place) holdIdle(s side) (bytes float64, err error) {
	one, err := p.begin(s, workload{Conns: 1, Size: idleSize}, idleBuffer)
	if err != nil {
		return 0, err
	}
	before, err := one.rest()
	if err := errors.Join(err, one.end()); err != nil {
		return 0, err
	}
	many, err := p.begin(s, workload{Conns: 1 + p.idle, Size: idleSize}, idleBuffer)
	if err != nil {
		return 0, err
	}
	after, err := many.rest()
	return float64(after-before) / float64(p.idle), errors.Join(err, many.end())
}

// idleSize is the size of the one request; idleBuffer that of the buffer which
// a connection has on those sides that need one for each.
const idleSize, idleBuffer = 64, 512

// rest has each connection do one request, then returns the memory of the
// server.
func (d *duel) rest() (resident int, err error) {
	if _, err := d.turn(0); err != nil {
		return 0, err
	}
	if err := d.server.Ask("tidy", &struct{}{}); err != nil {
		return 0, err
	}
	return control.Resident(d.server.PID())
}
