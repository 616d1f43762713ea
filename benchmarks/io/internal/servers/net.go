//go:build linux

package servers

import (
	"crypto/tls"
	"errors"
	"io"
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
		go echo(conn, make([]byte, o.Buffer))
	}
}

// echo sends back what comes in until the end of it.
func echo(conn net.Conn, buf []byte) error {
	defer conn.Close()
	for {
		n, err := conn.Read(buf)
		if n > 0 {
			if _, err := conn.Write(buf[:n]); err != nil {
				return err
			}
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
	}
}
