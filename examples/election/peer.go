package main

import (
	"context"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A peer is another node, as one node sees it: at the other end of a connection that is
// made when it is needed. One task at a time may call it.
type peer struct {
	address string
	conn    net.Conn // nil: there is none
	in      *streams.Reader
}

// call sends a request and returns the answer to it, if that comes in time. After an
// error the connection is closed: the answer may still be on its way, and must not be
// taken for that to the next request.
func (p *peer) call(ctx context.Context, request message, limit time.Duration) (a message, err error) {
	err = asyncio.WithTimeout(ctx, limit, func(ctx context.Context) (err error) {
		if p.conn == nil {
			if p.conn, err = streams.DialContext(ctx, "tcp", p.address); err != nil {
				p.conn = nil
				return err
			}
			p.in = streams.NewReader(p.conn, longestMessage)
		}
		if err := send(p.conn, request); err != nil {
			return err
		}
		a, err = receive(p.in)
		return err
	})
	if err != nil {
		p.close()
	}
	return a, err
}

func (p *peer) close() {
	if p.conn != nil {
		p.conn.Close()
		p.conn = nil
	}
}
