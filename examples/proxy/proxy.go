package main

import (
	"context"
	"crypto/tls"
	"net"
	"os"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/examples/internal/serving"
	"github.com/asyncio-go/asyncio/streams"
)

// A proxy brings connections to one server.
type proxy struct {
	options
	clients, server *tls.Config // nil: plain
	relay           relay
	counters        counters
}

func newProxy(o options) (*proxy, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &proxy{options: o}
	var err error
	p.clients, p.server, err = o.configs()
	p.relay = relay{counters: &p.counters, idle: o.idle, rate: o.rate}
	return p, err
}

// run serves until ctx is canceled, or Ctrl-C.
func (p *proxy) run(ctx context.Context, live bool, started func(net.Addr)) error {
	o := serving.Options{
		Grace: p.grace, Limit: p.limit, Handle: p.handle,
		Started: func(l net.Listener) { started(l.Addr()) },
	}
	if live {
		o.Beside = func(ctx context.Context) (any, error) { return nil, p.counters.show(ctx, os.Stderr) }
	}
	return serving.Run(ctx, p.listen, o)
}

// handle serves one connection. That one side is gone, or was not to be
// reached, is counted, and the counters say why it was.
func (p *proxy) handle(ctx context.Context, client net.Conn) error {
	p.counters.open++
	p.counters.total++
	defer func() { p.counters.open-- }()
	err := p.bridge(ctx, client)
	if isGone(err) {
		p.counters.failed++
		p.counters.why = err.Error()
		return nil
	}
	return err
}

// noConnection says that one side could not be reached, or does not speak TLS.
type noConnection struct{ error }

func (e noConnection) Unwrap() error { return e.error }

// bridge makes the other connection and relays. One task reads a connection while
// another one writes it. With a tls.Conn, a peer that sends garbage and reads
// nothing would stop the loop so; with what Adopt makes of it, it cannot.
func (p *proxy) bridge(ctx context.Context, client net.Conn) error {
	if p.clients != nil {
		secure, err := streams.StartTLS(ctx, client, p.clients, streams.Server)
		if err != nil {
			return noConnection{err}
		}
		if client, err = streams.Adopt(ctx, secure); err != nil {
			return err
		}
		defer client.Close()
	}
	server, err := asyncio.WaitFor(ctx, asyncio.Coro[net.Conn](p.dial), p.connect)
	if err != nil {
		return noConnection{err}
	}
	defer server.Close()
	return p.relay.run(ctx, client, server)
}

func (p *proxy) dial(ctx context.Context) (net.Conn, error) {
	if p.server == nil {
		return streams.Dial(ctx, "tcp", p.to)
	}
	secure, err := streams.DialTLS(ctx, "tcp", p.to, p.server)
	if err != nil {
		return nil, err
	}
	return streams.Adopt(ctx, secure)
}
