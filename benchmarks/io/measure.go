//go:build linux

package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/asyncio-go/asyncio/benchmarks/io/internal/control"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/load"
	"github.com/asyncio-go/asyncio/benchmarks/io/internal/servers"
)

// metric is one of the things a turn tells.
type metric int

const (
	rate     metric = iota // requests per second
	cpu                    // ns of the server's user and system time per request
	user                   // ns of its user time per request
	sys                    // ns of its system time per request
	p50                    // ns from the begin of a request to the end of its reply
	p99                    //
	busy                   // the part of its core that the server used
	loadBusy               // the part of its core that the generator used; it never sleeps in a turn
	requests               // the number of them
	metrics
)

var metricNames = [metrics]string{"req/s", "CPU", "user", "sys", "p50", "p99", "busy", "load busy", "requests"}

func (m metric) String() string { return metricNames[m] }

// added reports whether the figure of several turns is their sum, by requests.
func (m metric) added() bool { return m == cpu || m == user || m == sys }

// sample is what one turn gave, by metric.
type sample [metrics]float64

// A duel is a server and the generator that loads it.
type duel struct{ server, load *control.Child }

// begin starts a server, whose connections read at most buffer bytes at once,
// and connects a generator to it.
func (p place) begin(s side, w workload, buffer int) (*duel, error) {
	o := servers.Options{Buffer: buffer}
	to := load.Options{Conns: w.Conns, Size: w.Size}
	if w.TLS {
		o.Cert, o.Key, to.CA = p.cert, p.key, p.cert
	}
	cmd, err := s.command(p, o)
	if err != nil {
		return nil, err
	}
	var d duel
	if d.server, err = control.Start(cmd, p.server); err != nil {
		return nil, err
	}
	var at struct{ Address string }
	if err := d.server.Hear(&at); err != nil {
		return nil, errors.Join(err, d.end())
	}
	to.Address = at.Address
	if cmd, err = p.child(order{Load: &to}); err != nil {
		return nil, errors.Join(err, d.end())
	}
	if d.load, err = control.Start(cmd, p.load); err != nil {
		return nil, errors.Join(err, d.end())
	}
	if err := d.load.Hear(&struct{}{}); err != nil {
		return nil, errors.Join(err, d.end())
	}
	return &d, nil
}

func (d *duel) end() error {
	var errs []error
	for _, c := range []*control.Child{d.load, d.server} {
		if c != nil {
			errs = append(errs, c.End())
		}
	}
	return errors.Join(errs...)
}

// turn loads the server for a time.
func (d *duel) turn(length time.Duration) (sample, error) {
	var before, after control.Usage
	var seen load.Turn
	if err := d.server.Ask("usage", &before); err != nil {
		return sample{}, fmt.Errorf("server: %w", err)
	}
	if err := d.load.Ask("run "+length.String(), &seen); err != nil {
		return sample{}, fmt.Errorf("load: %w", err)
	}
	if err := d.server.Ask("usage", &after); err != nil {
		return sample{}, fmt.Errorf("server: %w", err)
	}
	used := after.Minus(before)
	per := func(d time.Duration) float64 { return float64(d) / float64(seen.Requests) }
	return sample{
		rate:     float64(seen.Requests) / seen.Wall.Seconds(),
		cpu:      per(used.Total()),
		user:     per(used.User),
		sys:      per(used.Sys),
		p50:      float64(seen.P50),
		p99:      float64(seen.P99),
		busy:     float64(used.Total()) / float64(seen.Wall),
		loadBusy: float64(seen.Usage.Total()) / float64(seen.Wall),
		requests: float64(seen.Requests),
	}, nil
}

// measureCase gives all sides their turns, round by round.
func (p place) measureCase(w workload, all []side) (res result, err error) {
	res = result{Case: w, Rounds: p.rounds}
	var duels []*duel
	defer func() {
		for _, d := range duels {
			err = errors.Join(err, d.end())
		}
	}()
	var here []side
	for _, s := range all {
		if w.TLS && s.noTLS {
			continue
		}
		d, err := p.begin(s, w, max(w.Size, 4<<10))
		if err != nil {
			return res, fmt.Errorf("%s: %w", s.name, err)
		}
		here, duels = append(here, s), append(duels, d)
		if _, err := d.turn(p.turn / 2); err != nil { // to warm up
			return res, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	rounds := make([][]sample, p.rounds)
	for r := range rounds {
		rounds[r] = make([]sample, len(duels))
		for i, d := range duels {
			if rounds[r][i], err = d.turn(p.turn); err != nil {
				return res, fmt.Errorf("%s: %w", here[i].name, err)
			}
		}
	}
	res.evaluate(here, rounds)
	return res, nil
}
