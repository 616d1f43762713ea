// Package tourweb serves the tour to a browser of this machine: its page, the lessons,
// recordings with other parameters, and programs that were edited in the page.
package tourweb

import (
	"context"
	"errors"
	"io"

	"github.com/asyncio-go/asyncio/cmd/asyncio/internal/web"
)

// Options are how the tour is served.
type Options struct {
	Address string    // HOST:PORT, of loopback
	Lesson  string    // the name of the first one to be shown; "": the beginning
	Open    bool      // a browser is opened
	Edit    bool      // programs may be edited, if there is a Go toolchain
	Out     io.Writer // is told the address
}

// Serve serves the tour until ctx is done. It returns an error if it cannot listen at the
// address, or may not: whoever can reach the server, and knows its token, can run programs.
func Serve(ctx context.Context, o Options) error {
	return web.Serve(ctx, web.Options{
		Address: o.Address, Open: o.Open, Out: o.Out,
		What: "The tour", Why: "the tour runs programs that are edited in its page",
	}, func(ctx context.Context, address string) web.Site {
		s := newServer(ctx, address, o.Edit)
		s.first = o.Lesson
		return s
	})
}

var errOff = errors.New("the tour was started with --no-edit: start it without, to edit programs")
