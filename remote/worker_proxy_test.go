package remote

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// A proxy stands between a worker and the server, and can lose what the worker says.
type proxy struct {
	to string
	ln net.Listener

	mu   sync.Mutex
	mute bool
	open []net.Conn
}

func newProxy(t *testing.T, url string) *proxy {
	t.Helper()
	ln := listen(t)
	p := &proxy{to: strings.TrimPrefix(url, "nats://"), ln: ln}
	t.Cleanup(func() { _ = ln.Close(); p.cut() })
	go p.accept()
	return p
}

func (p *proxy) url() string { return "nats://" + p.ln.Addr().String() }

func (p *proxy) accept() {
	for {
		in, err := p.ln.Accept()
		if err != nil {
			return
		}
		out, err := net.Dial("tcp", p.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		p.mu.Lock()
		p.open = append(p.open, in, out)
		p.mu.Unlock()
		go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		go p.upward(out, in)
	}
}

// upward forwards what the worker says, or loses it.
func (p *proxy) upward(out, in net.Conn) {
	buf := make([]byte, 1<<16)
	for {
		n, err := in.Read(buf)
		if err != nil {
			_ = out.Close()
			return
		}
		p.mu.Lock()
		mute := p.mute
		p.mu.Unlock()
		if !mute {
			_, _ = out.Write(buf[:n])
		}
	}
}

func (p *proxy) setMute(mute bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = mute
}

// cut closes all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.open {
		_ = c.Close()
	}
	p.open = nil
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return ln
}
