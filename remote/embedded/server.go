package embedded

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// A Server is a NATS server in this process. Any goroutine may use it.
type Server struct {
	server *server.Server
	url    string
	close  func() error

	mu     sync.Mutex
	closed bool
	conns  []*nats.Conn // given by Conn
}

// ErrClosed is returned by Conn after Close.
var ErrClosed = errors.New("embedded: the server is closed")

// startLimit is how long listeners may take once the files are read.
const startLimit = 30 * time.Second

// Start starts a server with JetStream, whose files are in dir, and waits until it can be
// used. It creates dir if it is not there, and otherwise goes on with what the server has
// left there. The server listens on 127.0.0.1 and a free port.
//
// Start returns an error if another server uses dir, where the system can tell (nearly
// all can; a nats-server of its own is not seen), if a file there cannot be read, and if
// the server cannot listen. Any goroutine may call it; it blocks for some 50 ms, and for
// longer if there are many jobs, so a coroutine calls it by asyncio.ToThread. The caller
// closes the server.
func Start(dir string, opts ...Option) (*Server, error) {
	c := newConfig(opts)
	if dir == "" {
		return nil, errors.New(`embedded: Start(""): name a directory for the jobs and results, which are to be there again after a restart; for a test t.TempDir() will do`)
	}
	s, err := start(dir, c)
	if err != nil {
		return nil, fmt.Errorf("embedded: directory %s: %w", dir, err)
	}
	return s, nil
}

func start(dir string, c *config) (_ *Server, err error) {
	if dir, err = filepath.Abs(dir); err != nil { // the program may change its directory later
		return nil, err
	}
	o, err := c.options(dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	lock, err := lockDir(dir)
	if err != nil {
		return nil, err
	}
	ns, err := run(o, &journal{log: c.log})
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s := &Server{server: ns}
	if !o.DontListen {
		s.url = reachable(ns.ClientURL())
	}
	s.close = sync.OnceValue(func() error {
		s.closeConns()
		stop(ns)
		return lock.Close()
	})
	return s, nil
}

// run starts a server and returns when it is ready.
func run(o *server.Options, j *journal) (*server.Server, error) {
	ns, err := server.NewServer(o)
	if err != nil {
		return nil, err
	}
	ns.SetLogger(j, j.debug(), false)
	ns.Start()
	switch {
	case j.failure() != "":
		err = errors.New(j.failure())
	case !ns.ReadyForConnections(startLimit):
		err = fmt.Errorf("the server is not ready after %v: %s", startLimit, j.warned())
	default:
		err = unread(ns, o.StoreDir, j.warned)
	}
	if err != nil {
		stop(ns)
		return nil, err
	}
	j.started()
	return ns, nil
}

func stop(ns *server.Server) {
	ns.Shutdown()
	ns.WaitForShutdown()
}

// reachable puts an address of this machine in place of one that means all of its.
func reachable(s string) string {
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	ip, err := netip.ParseAddr(u.Hostname())
	if err != nil || !ip.IsUnspecified() {
		return s
	}
	host := "127.0.0.1"
	if ip.Is6() {
		host = "::1"
	}
	u.Host = net.JoinHostPort(host, u.Port())
	return u.String()
}

// URL returns where the server listens, for remote.Connect and for the environment
// variable ASYNCIO_NATS of workers. It is empty with InProcess.
func (s *Server) URL() string { return s.url }

// Conn returns a connection to the server that needs no network, for remote.NewExecutor
// and remote.Serve. It does not suspend and takes well below a millisecond. opts go to
// nats.Connect, for a server with accounts, whose users have to be named here too. The
// caller closes the connection; Close of the server closes it too. After Close, the error
// is ErrClosed.
func (s *Server) Conn(opts ...nats.Option) (*nats.Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	nc, err := nats.Connect("", append([]nats.Option{
		nats.InProcessServer(provider{s.server}),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(50 * time.Millisecond),
		nats.ReconnectBufSize(-1), // an error at once, and not a job that is thought to be sent
	}, opts...)...)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	s.conns = slices.DeleteFunc(s.conns, (*nats.Conn).IsClosed)
	s.conns = append(s.conns, nc)
	return nc, nil
}

// closeConns closes the connections of this process, which could not connect again, and
// would try for ever.
func (s *Server) closeConns() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, nc := range s.conns {
		nc.Close()
	}
	s.conns = nil
}

// Close ends the server, and returns when it has ended and its files are written. It may
// be called more than once, and from any goroutine; it blocks for some milliseconds. Jobs
// and results stay in the directory. Close executors and workers of this process first, if
// they are to end in peace.
func (s *Server) Close() error { return s.close() }
