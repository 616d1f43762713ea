// Command httpserver is an HTTP/1.1 server whose handlers are coroutines of one
// loop, and a page on which many browsers hear each other:
//
//	go run ./examples/httpserver
//	xdg-open http://localhost:8080
//
// The handlers are ordinary ones of package net/http. What they share needs no
// lock, and what one of them waits for, with asyncio, holds up no other.
//
//   - server.go gives connections to fasthttp, which speaks HTTP, and requests
//     to the handler;
//   - response.go is the http.ResponseWriter, which also streams;
//   - hub.go is the page and its events.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/spf13/cobra"

	"github.com/asyncio-go/asyncio/examples/internal/serving"
)

func main() { serving.Main(newCommand()) }

// options is what the flags say.
type options struct {
	address   string
	cert, key string
	selfMade  bool
	limit     int
	grace     time.Duration
}

func newCommand() *cobra.Command {
	o := options{address: "localhost:8080", limit: 10_000, grace: 10 * time.Second}
	cmd := &cobra.Command{
		Use:   "httpserver",
		Short: "An HTTP server whose handlers are coroutines, and a broadcast page",
		Long: `An HTTP server whose handlers are coroutines of one loop, and a broadcast page.

  GET  /             the page
  GET  /events       what is said, as server-sent events
  POST /say          say something: curl -d hello localhost:8080/say
  GET  /sleep?for=1s answers after a while; a thousand at once take no longer

Ctrl-C accepts no more, lets requests end that are on their way, and ends the
streams of events. A second Ctrl-C ends the program at once.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			config, err := o.tls()
			if err != nil {
				return err
			}
			return run(cmd.Context(), o, config, func(at net.Addr) {
				scheme := "http"
				if config != nil {
					scheme = "https"
				}
				fmt.Fprintf(cmd.OutOrStdout(), "%s://%v\n", scheme, at)
			})
		},
	}
	f := cmd.Flags()
	f.StringVarP(&o.address, "address", "a", o.address, "where to listen")
	f.StringVar(&o.cert, "cert", "", "certificate, to speak TLS (PEM)")
	f.StringVar(&o.key, "key", "", "its key (PEM)")
	f.BoolVar(&o.selfMade, "self-signed", false, "speak TLS with a certificate made for the occasion")
	f.IntVarP(&o.limit, "limit", "n", o.limit, "how many connections at once; others wait; 0: any number")
	f.DurationVar(&o.grace, "grace", o.grace, "how long requests may take to end, after Ctrl-C")
	f.SortFlags = false
	return cmd
}

// tls returns the configuration, or nil to speak plainly.
func (o *options) tls() (*tls.Config, error) {
	switch {
	case (o.cert == "") != (o.key == ""):
		return nil, errors.New("--cert and --key: one needs the other")
	case o.cert != "" && o.selfMade:
		return nil, errors.New("--cert and --self-signed: one or the other")
	case o.selfMade:
		return configOf(serving.SelfSigned())
	case o.cert != "":
		return configOf(tls.LoadX509KeyPair(o.cert, o.key))
	default:
		return nil, nil
	}
}

func configOf(pair tls.Certificate, err error) (*tls.Config, error) {
	return &tls.Config{Certificates: []tls.Certificate{pair}}, err
}

// run serves until ctx is canceled, or Ctrl-C.
func run(ctx context.Context, o options, config *tls.Config, started func(net.Addr)) error {
	h := new(hub)
	s := newServer(h.routes(), config)
	return serving.Run(ctx, o.address, serving.Options{
		Grace: o.grace, Limit: o.limit, Handle: s.serve,
		Started: func(l net.Listener) { started(l.Addr()) },
		Drain: func() {
			s.drain()
			h.close()
		},
	})
}
