//go:build linux

// Package servers has an echo server in each of several ways: what comes in
// is sent back as it comes, without a line of code more than that needs. All
// of them read into as much memory at once, set TCP_NODELAY and work on one
// core.
package servers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime/debug"

	"github.com/asyncio-go/asyncio/benchmarks/io/internal/control"
)

// Address is where the servers listen.
const Address = "127.0.0.1:0"

// Options say what a server does.
type Options struct {
	Server    string // one of Names
	Buffer    int    // bytes that a connection reads at once
	Cert, Key string // files; TLS if there are any
}

// config returns the configuration of TLS, nil for none.
func (o Options) config() (*tls.Config, error) {
	if o.Cert == "" {
		return nil, nil
	}
	pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}}, nil
}

// A server serves until it fails. It calls ready once it listens.
type server func(o Options, config *tls.Config, ready func(net.Addr)) error

var all = map[string]server{
	"streams":  serveStreams,
	"protocol": serveProtocol,
	"net":      serveNet,
	"gnet":     serveGnet,
}

// Run is the program of a process that is a server.
func Run(o Options) error {
	serve, ok := all[o.Server]
	if !ok {
		return fmt.Errorf("there is no server %q", o.Server)
	}
	config, err := o.config()
	if err != nil {
		return err
	}
	return serve(o, config, func(at net.Addr) {
		go func() {
			if err := answer(at); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
			os.Exit(0)
		}()
	})
}

// answer tells the parent the address, then answers it until it has gone.
func answer(at net.Addr) error {
	if err := control.Say(os.Stdout, struct{ Address string }{at.String()}); err != nil {
		return err
	}
	return control.Answer(os.Stdin, os.Stdout, func(order string) (any, error) {
		switch order {
		case "usage":
			return control.Own()
		case "tidy":
			debug.FreeOSMemory()
			return struct{}{}, nil
		}
		return nil, errors.New("a server does not understand " + order)
	})
}
