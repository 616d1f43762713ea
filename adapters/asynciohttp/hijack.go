package asynciohttp

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net"
	"net/http"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// Hijack makes a response an http.Hijacker. The connection belongs to the loop.
func (r *response) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if err := r.isOver(); err != nil {
		return nil, nil, err
	}
	if r.status != 0 {
		r.begin() // an upgrade whose headers were set before: the server sends them first
	}
	type hijacked struct {
		conn net.Conn
		rw   *bufio.ReadWriter
	}
	// The server may have a goroutine that reads, which it waits for.
	h, err := asyncio.ToThread(context.WithoutCancel(r.ctx), func(context.Context) (h hijacked, err error) {
		h.conn, h.rw, err = http.NewResponseController(r.under).Hijack()
		return h, err
	})
	if err != nil {
		return nil, nil, err
	}
	r.hijacked = true
	ahead, err := h.rw.Reader.Peek(h.rw.Reader.Buffered())
	if err != nil {
		return nil, nil, err
	}
	conn, err := streams.Adopt(r.ctx, h.conn)
	if err != nil {
		return nil, nil, err
	}
	in := bufio.NewReader(io.MultiReader(bytes.NewReader(bytes.Clone(ahead)), conn))
	_, _ = in.Peek(len(ahead)) // so that it says that they are there
	return conn, bufio.NewReadWriter(in, bufio.NewWriter(conn)), nil
}
