// Package tourweb serves the tour to a browser of this machine: its page, the lessons,
// recordings with other parameters, and programs that were edited in the page.
package tourweb

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/asyncio-go/asyncio/internal/serve"
)

const (
	mostConnections = 64
	patience        = 10 * time.Second // with answers that are being given when the server ends
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
	l, err := listen(o.Address)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newServer(ctx, l.Addr().String(), o.Edit)
	defer s.close()
	web := http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- web.Serve(serve.Limit(l, mostConnections)) }()

	base := "http://" + l.Addr().String() + "/"
	fmt.Fprintf(o.Out, "The tour is at %s\nCtrl-C ends it.\n", base+s.fragment(o.Lesson))
	if o.Open {
		if err := open(base + s.ticket(o.Lesson)); err != nil {
			fmt.Fprintf(o.Out, "No browser could be opened (%v): open that address in one.\n", err)
		}
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = shutDown(&web)
	}
	return err
}

// shutDown lets answers come to their end, for those of programs leave something behind
// otherwise. They are canceled already.
func shutDown(web *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		return web.Close()
	}
	return nil
}

// listen refuses addresses that others can reach.
func listen(address string) (net.Listener, error) {
	a, err := net.ResolveTCPAddr("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address to listen at: write one such as 127.0.0.1:7071, or 127.0.0.1:0 for a port that is free (%w)", address, err)
	}
	if !a.IP.IsLoopback() {
		return nil, fmt.Errorf("%s can be reached over the network, and the tour runs programs that are edited in its page: take 127.0.0.1, and come from another machine through ssh -L", address)
	}
	l, err := net.ListenTCP("tcp", a)
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %s: choose another port, or 0 for one that is free (%w)", address, err)
	}
	return l, nil
}

// secret returns what nobody can guess: 26 letters and digits.
func secret() string { return rand.Text() }

var errOff = errors.New("the tour was started with --no-edit: start it without, to edit programs")
