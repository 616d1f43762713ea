//go:build linux

package servers

import (
	"crypto/tls"
	"net"
)

// serveNet is what one writes with package net: a goroutine for each
// connection.
func serveNet(o Options, config *tls.Config, ready func(net.Addr)) error {
	l, err := net.Listen("tcp", Address)
	if err != nil {
		return err
	}
	if config != nil {
		l = tls.NewListener(l, config)
	}
	ready(l.Addr())
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go func() {
			defer conn.Close()
			echo(conn, o.Buffer)
		}()
	}
}

// echo sends back what comes in until the end of it. A connection that fails
// has failed.
func echo(conn net.Conn, buffer int) {
	buf := make([]byte, buffer)
	for {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		if _, err := conn.Write(buf[:n]); err != nil {
			return
		}
	}
}
