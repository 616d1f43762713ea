//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import (
	"net"

	"github.com/asyncio-go/asyncio/internal/conn"
)

// duplicateStream gives a duplicate of the descriptor of a connection of package net to
// the loop; nil: the loop cannot wait for that.
func duplicateStream(owner *conn.Owner, c net.Conn) (conn.Stream, error) {
	raw, ok := descriptorOf(owner, c)
	if !ok {
		return nil, nil
	}
	sys, err := moveOut(raw)
	if err != nil {
		return nil, err
	}
	end, err := openSocket(owner.Core(), sys, c.LocalAddr().Network())
	if err != nil {
		return nil, err
	}
	return end, nil
}

// duplicatePackets is duplicateStream for datagrams.
func duplicatePackets(owner *conn.Owner, c net.Conn) (*PacketConn, error) {
	raw, ok := descriptorOf(owner, c)
	if !ok {
		return nil, nil
	}
	return openPackets(owner, c, raw)
}
