//go:build linux

package load

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// serve lets a goroutine answer each connection, and returns the address.
func serve(t *testing.T, answer func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				answer(conn)
			}()
		}
	}()
	return l.Addr().String()
}

// load has two short turns against a server: what it sends too much may come
// after the first.
func load(t *testing.T, o Options) (Turn, error) {
	t.Helper()
	g, err := dial(o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.close() })
	if _, err := g.turn(time.Millisecond); err != nil {
		return Turn{}, err
	}
	return g.turn(time.Millisecond)
}

func TestTurn(t *testing.T) {
	const conns, size = 3, 100_000
	t.Run("counts what an honest server answers", func(t *testing.T) {
		at := serve(t, func(c net.Conn) { io.Copy(c, c) })
		got, err := load(t, Options{Address: at, Conns: conns, Size: size})
		if err != nil {
			t.Fatal(err)
		}
		if got.Requests < conns || got.Wall <= 0 || got.P50 <= 0 || got.P99 < got.P50 {
			t.Errorf("got %+v", got)
		}
	})
	for name, lie := range map[string]func([]byte) []byte{
		"notices a wrong byte":    func(p []byte) []byte { p[len(p)-1]++; return p },
		"notices a byte too many": func(p []byte) []byte { return append(p, 0) },
	} {
		t.Run(name, func(t *testing.T) {
			at := serve(t, func(c net.Conn) {
				p := make([]byte, size)
				if _, err := io.ReadFull(c, p); err == nil {
					c.Write(lie(p))
				}
				io.Copy(c, c)
			})
			if _, err := load(t, Options{Address: at, Conns: 1, Size: size}); !errors.Is(err, errWrongEcho) {
				t.Errorf("got error %v, want errWrongEcho", err)
			}
		})
	}
	t.Run("notices the end of a connection", func(t *testing.T) {
		at := serve(t, func(c net.Conn) { io.ReadFull(c, make([]byte, size)) })
		if _, err := load(t, Options{Address: at, Conns: 1, Size: size}); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("got error %v, want io.ErrUnexpectedEOF", err)
		}
	})
}

func TestPercentiles(t *testing.T) {
	var all []time.Duration
	for i := range 1000 {
		all = append(all, time.Duration(999-i))
	}
	if p50, p99 := percentiles(all); p50 != 500 || p99 != 990 {
		t.Errorf("got %d and %d, want 500 and 990", p50, p99)
	}
}
