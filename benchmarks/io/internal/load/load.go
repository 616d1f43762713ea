//go:build linux

// Package load is the other end of the echo servers: it sends requests over
// many connections, checks every reply byte for byte, and counts. Each
// connection has one request on its way, and sends the next when the reply is
// there.
//
// It has to be cheaper than any server it measures. So it is one goroutine on
// epoll, without the net package, without a buffer of its own for any
// connection, with system calls of which the runtime learns nothing, and it
// asks epoll again and again instead of sleeping.
package load

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio/benchmarks/io/internal/control"
)

// Options say what a generator does.
type Options struct {
	Address string
	Conns   int
	Size    int    // bytes of a request
	CA      string // a file with the server's certificate; TLS if there is one
}

// config returns the configuration of TLS, nil for none.
func (o Options) config() (*tls.Config, error) {
	if o.CA == "" {
		return nil, nil
	}
	pem, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + o.CA)
	}
	at, err := netip.ParseAddrPort(o.Address)
	if err != nil {
		return nil, err
	}
	return &tls.Config{RootCAs: roots, ServerName: at.Addr().String()}, nil
}

// Run is the program of a process that is a generator. It says when all
// connections are there. Then the order "run" and a duration starts a turn.
func Run(o Options) error {
	debug.SetGCPercent(400)
	config, err := o.config()
	if err != nil {
		return err
	}
	g, err := dial(o, config)
	if err != nil {
		return err
	}
	defer g.close()
	if err := control.Say(os.Stdout, struct{}{}); err != nil {
		return err
	}
	return control.Answer(os.Stdin, os.Stdout, func(order string) (any, error) {
		verb, argument, _ := strings.Cut(order, " ")
		if verb != "run" {
			return nil, fmt.Errorf("a generator does not understand %q", order)
		}
		d, err := time.ParseDuration(argument)
		if err != nil {
			return nil, err
		}
		return g.turn(d)
	})
}

// A Turn is what a generator saw.
type Turn struct {
	Requests int
	Wall     time.Duration
	P50, P99 time.Duration // from the begin of sending to the last byte of the reply
	Usage    control.Usage // of the generator
}

// turn sends requests for a time and waits for the last replies. However
// short the time, each connection sends one.
func (g *generator) turn(d time.Duration) (Turn, error) {
	before, err := control.Own()
	if err != nil {
		return Turn{}, err
	}
	g.latencies = g.latencies[:0]
	start := g.now()
	if err := g.run(start + d); err != nil {
		return Turn{}, err
	}
	t := Turn{Requests: len(g.latencies), Wall: g.now() - start}
	after, err := control.Own()
	if err != nil {
		return Turn{}, err
	}
	t.Usage = after.Minus(before)
	t.P50, t.P99 = percentiles(g.latencies)
	return t, nil
}
