package remote_test

import (
	"net"
	"strings"
	"sync"
	"testing"
)

// A strait is a proxy between a process and the server. It can hold what goes up, to the
// server, and what comes down, as a network does that loses packets: it comes later, or
// never. And it can cut all connections, and take no new ones.
type strait struct {
	to string
	ln net.Listener

	mu      sync.Mutex
	changed sync.Cond
	up      bool // held
	down    bool // held
	cutOff  bool
	ended   bool
	open    map[net.Conn]struct{}
}

func newStrait(t *testing.T, url string) *strait {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &strait{to: strings.TrimPrefix(url, "nats://"), ln: ln, open: map[net.Conn]struct{}{}}
	s.changed.L = &s.mu
	go s.accept()
	t.Cleanup(func() {
		_ = ln.Close() // nobody needs it any more
		s.change(func() { s.cutOff, s.ended = true, true })
	})
	return s
}

func (s *strait) url() string { return "nats://" + s.ln.Addr().String() }

// change changes what the strait does.
func (s *strait) change(how func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how()
	if s.cutOff {
		for c := range s.open {
			_ = c.Close() // that is the point
		}
		clear(s.open)
	}
	s.changed.Broadcast()
}

// The ways in which a strait can be closed.
var partitions = map[string]func(s *strait){
	"up":   func(s *strait) { s.change(func() { s.up = true }) },
	"down": func(s *strait) { s.change(func() { s.down = true }) },
	"both": func(s *strait) { s.change(func() { s.up, s.down = true, true }) },
	"cut":  func(s *strait) { s.change(func() { s.cutOff = true }) },
}

func (s *strait) heal() { s.change(func() { s.up, s.down, s.cutOff = false, false, false }) }

func (s *strait) accept() {
	for {
		in, err := s.ln.Accept()
		if err != nil {
			return
		}
		if !s.keep(in) {
			continue
		}
		go s.connect(in)
	}
}

// keep notes a connection, or closes it if the strait is cut.
func (s *strait) keep(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cutOff {
		_ = c.Close() // that is the point
		return false
	}
	s.open[c] = struct{}{}
	return true
}

func (s *strait) connect(in net.Conn) {
	out, err := net.Dial("tcp", s.to)
	if err != nil { // the server is down
		s.drop(in)
		return
	}
	if !s.keep(out) {
		s.drop(in)
		return
	}
	go s.forward(out, in, &s.up)
	s.forward(in, out, &s.down)
}

func (s *strait) drop(conns ...net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range conns {
		_ = c.Close() // the other side may have
		delete(s.open, c)
	}
}

// forward copies, while that direction is not held.
func (s *strait) forward(to, from net.Conn, held *bool) {
	defer s.drop(to, from)
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		for *held && !s.cutOff && !s.ended {
			s.changed.Wait()
		}
		s.mu.Unlock()
		if _, err := to.Write(buf[:n]); err != nil {
			return
		}
	}
}

// closed reports whether the strait is closed in some way.
func (s *strait) closed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.up || s.down || s.cutOff
}
