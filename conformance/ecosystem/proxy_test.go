package ecosystem

import (
	"io"
	"net"
	"sync"
	"testing"
)

// A Proxy stands between a client and a server of TCP, and can kill their connections.
// It is how the test kills a connection of any library, on both sides at once.
type Proxy struct {
	listener net.Listener
	target   string
	pipes    sync.WaitGroup

	mu    sync.Mutex
	conns map[*net.TCPConn]bool
}

// NewProxy starts a proxy for the address of a server. It ends with the test.
func NewProxy(t *testing.T, target string) *Proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Proxy{listener: l, target: target, conns: make(map[*net.TCPConn]bool)}
	p.pipes.Go(p.serve)
	t.Cleanup(func() {
		_ = l.Close()
		p.Kill()
		p.pipes.Wait()
	})
	return p
}

// Addr is the address for clients.
func (p *Proxy) Addr() string { return p.listener.Addr().String() }

// Kill resets all connections there are. Those that come later are not touched.
func (p *Proxy) Kill() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.SetLinger(0) // so that Close sends RST
		_ = c.Close()
	}
}

func (p *Proxy) serve() {
	for {
		client, err := p.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", p.target)
		if err != nil {
			_ = client.Close()
			continue
		}
		p.add(client)
		p.add(server)
		p.pipes.Go(func() { p.pipe(client, server) })
		p.pipes.Go(func() { p.pipe(server, client) })
	}
}

func (p *Proxy) add(c net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conns[c.(*net.TCPConn)] = true
}

// pipe copies in one direction; an end of it is passed on, and so is an error.
func (p *Proxy) pipe(from, to net.Conn) {
	// Not with splice: its pipes stay open in a pool, until the garbage collector comes.
	_, err := io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from})
	if err == nil {
		_ = to.(*net.TCPConn).CloseWrite()
	} else {
		_ = to.Close()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.conns, from.(*net.TCPConn))
	if _, other := p.conns[to.(*net.TCPConn)]; !other {
		_ = from.Close()
		_ = to.Close()
	}
}
