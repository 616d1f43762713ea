package serve

import (
	"net"
	"sync"
)

// A limited listener lets further connections wait until others have ended.
type limited struct {
	net.Listener
	places chan struct{}
	over   chan struct{}
	end    func()
}

// Limit returns a listener that has at most n connections at a time and lets further ones
// wait. Each connection costs the program a descriptor, and everybody who can reach a
// port can make connections.
func Limit(l net.Listener, n int) net.Listener { return newLimited(l, n) }

func newLimited(l net.Listener, n int) *limited {
	over := make(chan struct{})
	return &limited{l, make(chan struct{}, n), over, sync.OnceFunc(func() { close(over) })}
}

func (l *limited) Accept() (net.Conn, error) {
	select {
	case l.places <- struct{}{}:
	case <-l.over:
		return nil, net.ErrClosed
	}
	c, err := l.Listener.Accept()
	if err != nil {
		<-l.places
		return nil, err
	}
	return &limitedConn{c, sync.OnceFunc(func() { <-l.places })}, nil
}

func (l *limited) Close() error {
	l.end()
	return l.Listener.Close()
}

type limitedConn struct {
	net.Conn
	leave func()
}

func (c *limitedConn) Close() error {
	defer c.leave()
	return c.Conn.Close()
}
