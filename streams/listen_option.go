package streams

import (
	"context"
	"errors"
	"net"
	"syscall"

	"github.com/asyncio-go/asyncio/internal/option"
)

// A ListenOption is an option of Listen and ListenPacketWith.
type ListenOption interface{ setListener(*listenConfig) }

type listenOption func(*listenConfig)

func (o listenOption) setListener(c *listenConfig) { o(c) }

type listenConfig struct {
	net.ListenConfig
	sharesPort bool
	backlog    int // 0: as long as the system allows
	controls   []func(network, address string, c syscall.RawConn) error
}

func newListenConfig(opts []ListenOption) *listenConfig {
	c := new(listenConfig)
	option.Apply(c, opts, ListenOption.setListener)
	if len(c.controls) > 0 || c.sharesPort {
		c.Control = c.control
	}
	return c
}

func (c *listenConfig) control(network, address string, raw syscall.RawConn) error {
	for _, control := range c.controls {
		if err := control(network, address, raw); err != nil {
			return err
		}
	}
	if c.sharesPort {
		return reusePort(network, address, raw)
	}
	return nil
}

// Control calls fn with the socket after it is made and before it is bound, as
// net.ListenConfig does. In Python: sock=.
func Control(fn func(network, address string, c syscall.RawConn) error) ListenOption {
	if fn == nil {
		panic("streams: Control(nil): pass the function that is to see the socket")
	}
	return listenOption(func(c *listenConfig) { c.controls = append(c.controls, fn) })
}

// ReusePort lets several sockets, of this process or of others of the same user, listen
// on one address. Linux spreads the connections over them; see ServeGroup. On a system
// without this option, Listen fails. In Python: reuse_port=True.
func ReusePort() ListenOption {
	return listenOption(func(c *listenConfig) { c.sharesPort = true })
}

// Backlog sets how many connections may wait to be accepted, before the system lets
// further clients wait or refuses them. 0, the default, and a negative number mean as
// many as the system allows, as in package net. On systems where a positive number cannot
// be set, Listen fails. ListenPacketWith ignores it. In Python: backlog.
func Backlog(n int) ListenOption {
	return listenOption(func(c *listenConfig) { c.backlog = max(n, 0) })
}

// listen returns a listener of package net.
func (c *listenConfig) listen(ctx context.Context, network, address string) (net.Listener, error) {
	l, err := bindAnew(network, address, func() (net.Listener, error) { return c.Listen(ctx, network, address) })
	if err != nil || c.backlog == 0 {
		return l, err
	}
	if err := setBacklog(l, c.backlog); err != nil {
		_ = l.Close()
		return nil, listenError(network, err)
	}
	return l, nil
}

// listenPacket returns a packet connection of package net.
func (c *listenConfig) listenPacket(ctx context.Context, network, address string) (net.PacketConn, error) {
	return bindAnew(network, address, func() (net.PacketConn, error) { return c.ListenPacket(ctx, network, address) })
}

// bindAnew binds an address. If the file of a Unix socket is in the way that no process
// uses, it removes the file and tries again.
func bindAnew[T any](network, address string, bind func() (T, error)) (T, error) {
	bound, err := bind()
	if isUnix(network) && errors.Is(err, syscall.EADDRINUSE) && removeStale(address) {
		return bind()
	}
	return bound, err
}
