// Command proxy brings TCP connections to another server, with TLS on either
// side:
//
//	proxy --listen :8443 --to localhost:8080 --cert cert.pem --key key.pem
//	proxy --listen localhost:8080 --to example.org:443 --to-tls
//
// It has limits for the number of connections, for silence and for speed, and
// draws live counters on a terminal.
//
//   - proxy.go accepts a connection and makes the other;
//   - relay.go brings bytes from one to the other, in a task each way, and has
//     the limits;
//   - counters.go is what is drawn; only tasks count, so nothing is locked.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/asyncio-go/asyncio/examples/internal/serving"
)

func main() { serving.Main(newCommand()) }

// options is what the flags say.
type options struct {
	listen, to    string
	cert, key     string
	toTLS         bool
	ca            string
	limit         int
	idle, connect time.Duration
	grace         time.Duration
	rate          int
}

func newCommand() *cobra.Command {
	o := options{listen: "localhost:9000", limit: 1000, idle: 5 * time.Minute, connect: 10 * time.Second, grace: 5 * time.Second}
	cmd := &cobra.Command{
		Use:   "proxy --to ADDRESS [flags]",
		Short: "Bring TCP connections to another server, with TLS on either side",
		Long: `Bring TCP connections to another server, with TLS on either side.

With --cert and --key, clients speak TLS to the proxy. With --to-tls, the proxy
speaks TLS to the server. Ctrl-C accepts no more, and gives the connections that
there are a few seconds to end.`,
		Example: `  proxy --listen :8443 --to localhost:8080 --cert cert.pem --key key.pem
  proxy --listen localhost:8080 --to example.org:443 --to-tls
  proxy --to localhost:5432 --rate 100000 --limit 20 --idle 30s`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := newProxy(o)
			if err != nil {
				return err
			}
			live := term.IsTerminal(int(os.Stderr.Fd()))
			err = p.run(cmd.Context(), live, func(at net.Addr) { fmt.Fprintf(cmd.OutOrStdout(), "listening on %v\n", at) })
			fmt.Fprintln(cmd.OutOrStdout(), &p.counters)
			return err
		},
	}
	o.bind(cmd.Flags())
	return cmd
}

func (o *options) bind(f *pflag.FlagSet) {
	f.StringVarP(&o.listen, "listen", "l", o.listen, "where to listen")
	f.StringVarP(&o.to, "to", "t", o.to, "the server to bring connections to")
	f.StringVar(&o.cert, "cert", "", "certificate, to speak TLS with clients (PEM)")
	f.StringVar(&o.key, "key", "", "its key (PEM)")
	f.BoolVar(&o.toTLS, "to-tls", false, "speak TLS with the server")
	f.StringVar(&o.ca, "to-ca", "", "who signs the server's certificate, if not the system knows it (PEM)")
	f.IntVarP(&o.limit, "limit", "n", o.limit, "how many connections at once; others wait; 0: any number")
	f.DurationVar(&o.idle, "idle", o.idle, "end a connection that is silent for so long; 0: never")
	f.DurationVar(&o.connect, "connect", o.connect, "how long it may take to reach the server")
	f.DurationVar(&o.grace, "grace", o.grace, "how long connections may take to end, after Ctrl-C")
	f.IntVarP(&o.rate, "rate", "r", 0, "bytes a second for each connection and direction; 0: any number")
	f.SortFlags = false
}

func (o *options) check() error {
	switch {
	case o.to == "":
		return errors.New("--to: which server?")
	case (o.cert == "") != (o.key == ""):
		return errors.New("--cert and --key: one needs the other")
	case o.ca != "" && !o.toTLS:
		return errors.New("--to-ca is for --to-tls")
	case o.limit < 0, o.idle < 0, o.grace < 0, o.rate < 0:
		return errors.New("--limit, --idle, --grace and --rate cannot be negative")
	case o.connect <= 0:
		return fmt.Errorf("--connect %v: must be longer than nothing", o.connect)
	}
	return nil
}

// configs returns the TLS configurations for both sides; nil: none.
func (o *options) configs() (clients, server *tls.Config, err error) {
	if o.cert != "" {
		pair, err := tls.LoadX509KeyPair(o.cert, o.key)
		if err != nil {
			return nil, nil, err
		}
		clients = &tls.Config{Certificates: []tls.Certificate{pair}}
	}
	if o.toTLS {
		server = &tls.Config{}
	}
	if o.ca != "" {
		pem, err := os.ReadFile(o.ca)
		if err != nil {
			return nil, nil, err
		}
		server.RootCAs = x509.NewCertPool()
		if !server.RootCAs.AppendCertsFromPEM(pem) {
			return nil, nil, fmt.Errorf("--to-ca %s: there is no certificate in it", o.ca)
		}
	}
	return clients, server, nil
}
