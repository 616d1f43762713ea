package console

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio/internal/serve"
)

// maxConnections is how many connections a listener has at a time.
const maxConnections = 128

// A web serves HTTP on one listener.
type web struct {
	listener net.Listener
	http     http.Server
	serving  sync.WaitGroup
}

func newWeb(l net.Listener, h http.Handler) *web {
	l = serve.Limit(l, maxConnections)
	// No ReadTimeout: it would end what is sent for long, /v1/live. Bodies have a limit of
	// their own.
	w := &web{listener: l, http: http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}}
	w.serving.Go(func() { _ = w.http.Serve(l) })
	return w
}

// close ends all connections.
func (w *web) close() {
	_ = w.http.Close()
	w.serving.Wait()
}

// leave makes a web that has one server a place.
func (w *web) leave(*server) { w.close() }

// resolve returns the addresses to listen at, and refuses those beyond loopback if no
// one needs a token there.
func resolve(c *settings) ([]*net.TCPAddr, error) {
	var all []*net.TCPAddr
	for _, address := range c.addresses {
		a, err := net.ResolveTCPAddr("tcp", address)
		if err != nil {
			return nil, fmt.Errorf("console: no address to listen at is called %s: write that of an interface of this machine, such as 127.0.0.1:7070 (%w)", address, err)
		}
		if !a.IP.IsLoopback() && !c.hasToken {
			return nil, fmt.Errorf("console: %s: %w", address, errOpenNetwork)
		}
		all = append(all, a)
	}
	return all, nil
}

func listenTCP(a *net.TCPAddr, s *server) (*web, error) {
	l, err := net.ListenTCP("tcp", a)
	switch {
	case inUse(err):
		return nil, fmt.Errorf("console: %s is in use, perhaps by the console of another program: choose another port, or 0 for one that is free (%w)", a, err)
	case errors.Is(err, syscall.EACCES):
		return nil, fmt.Errorf("console: this user may not listen at %s: choose a port from 1024 on (%w)", a, err)
	case err != nil:
		return nil, fmt.Errorf("console: cannot listen at %s: choose an address of this machine, such as 127.0.0.1:7070 (%w)", a, err)
	}
	return newWeb(l, s), nil
}

// inUse reports whether an error says that an address is taken. Windows has an error of
// its own for that.
func inUse(err error) bool {
	const windowsInUse = syscall.Errno(10048)
	return errors.Is(err, syscall.EADDRINUSE) || errors.Is(err, windowsInUse)
}
