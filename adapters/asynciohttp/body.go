package asynciohttp

import (
	"errors"
	"net/http"

	"github.com/asyncio-go/asyncio"
)

// A body is the body of a request, as the task reads it.
type body struct {
	response *response
	closed   bool
}

// Read suspends the task until there is something to read.
func (b *body) Read(p []byte) (int, error) {
	if b.closed {
		return 0, http.ErrBodyReadAfterClose
	}
	stream, err := b.response.connect()
	if err != nil {
		return 0, err
	}
	n, err := stream.Read(p)
	b.response.exchange.gaveUp(errors.Is(err, asyncio.ErrCanceled))
	return n, err
}

// Close does not read the rest, which could take long; the server does that.
func (b *body) Close() error {
	b.closed = true
	return nil
}
