// Package web serves a page to the user's browser, on this machine alone: the tour, and
// recordings.
package web

import (
	"context"
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

// Options are how a page is served.
type Options struct {
	Address string // HOST:PORT, of loopback
	Open    bool   // a browser is opened
	What    string // what is served, as in "The tour"
	Why     string // why nobody else may reach it, as in "the tour runs programs"
	Out     io.Writer
}

// A Site is what is served.
type Site interface {
	http.Handler
	// Page returns the end of the page's address, with the token, which a browser keeps to
	// itself.
	Page() string
	// Ticket returns the end of an address that leads to the page only once.
	Ticket() string
	// Close ends what the site has begun.
	Close()
}

// Serve serves a site until ctx is done, and prints its address. It returns an error if it
// cannot listen at the address, or may not. begin makes the site for an address; what it
// begins ends with its context.
func Serve(ctx context.Context, o Options, begin func(ctx context.Context, address string) Site) error {
	l, err := listen(o)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := begin(ctx, l.Addr().String())
	defer s.Close()
	server := http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(serve.Limit(l, mostConnections)) }()

	base := "http://" + l.Addr().String() + "/"
	fmt.Fprintf(o.Out, "%s is at %s\nCtrl-C ends it.\n", o.What, base+s.Page())
	if o.Open {
		if err := open(base + s.Ticket()); err != nil {
			fmt.Fprintf(o.Out, "No browser could be opened (%v): open that address in one.\n", err)
		}
	}
	select {
	case err = <-ended:
	case <-ctx.Done():
		err = shutDown(&server)
	}
	return err
}

// shutDown waits for the answers that are being given, which are canceled already:
// otherwise a program that runs for one of them would leave files behind.
func shutDown(server *http.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(ctx); err != nil {
		return server.Close()
	}
	return nil
}

// listen refuses addresses that others can reach.
func listen(o Options) (net.Listener, error) {
	a, err := net.ResolveTCPAddr("tcp", o.Address)
	if err != nil {
		return nil, fmt.Errorf("%q is no address to listen at: write one such as 127.0.0.1:7071, or 127.0.0.1:0 for a port that is free (%w)", o.Address, err)
	}
	if !a.IP.IsLoopback() {
		return nil, fmt.Errorf("%s can be reached over the network, and %s: take 127.0.0.1, and come from another machine through ssh -L", o.Address, o.Why)
	}
	l, err := net.ListenTCP("tcp", a)
	if err != nil {
		return nil, fmt.Errorf("cannot listen at %s: choose another port, or 0 for one that is free (%w)", o.Address, err)
	}
	return l, nil
}
