package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/examples/internal/serving"
	"github.com/asyncio-go/asyncio/examples/internal/servingtest"
)

// echo is the server behind the proxy. It answers when all has been said.
func echo(t *testing.T, config *tls.Config) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address = l.Addr().String()
	if config != nil {
		l = tls.NewListener(l, config)
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
				all, _ := io.ReadAll(conn)
				_, _ = conn.Write(all)
			}()
		}
	}()
	return address
}

// flood is a server that says more than anyone wants to hear. It counts what it
// has said.
func flood(t *testing.T) (address string, written *atomic.Int64) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	written = new(atomic.Int64)
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				for p := make([]byte, 64<<10); ; {
					n, err := conn.Write(p)
					written.Add(int64(n))
					if err != nil {
						return
					}
				}
			}()
		}
	}()
	return l.Addr().String(), written
}

func start(t *testing.T, o options) (p *proxy, address string, stop func()) {
	t.Helper()
	o.listen = "127.0.0.1:0"
	if o.connect == 0 {
		o.connect = servingtest.Patience
	}
	p, err := newProxy(o)
	if err != nil {
		t.Fatal(err)
	}
	address, stop = servingtest.Start(t, func(ctx context.Context, started func(net.Addr)) error {
		return p.run(ctx, false, started)
	})
	return p, address, stop
}

// A halfConn is what both kinds of connections are.
type halfConn interface {
	net.Conn
	CloseWrite() error
}

// ask says all of text, and returns the answer.
func ask(t *testing.T, conn halfConn, text []byte) []byte {
	t.Helper()
	go func() {
		_, _ = conn.Write(text)
		_ = conn.CloseWrite()
	}()
	answer, err := io.ReadAll(conn)
	if err != nil {
		t.Errorf("reading the answer: %v", err)
	}
	return answer
}

func random(n int) []byte {
	p := make([]byte, n)
	_, _ = rand.Read(p)
	return p
}

// certificate makes one and returns it, and the files that hold it.
func certificate(t *testing.T) (config *tls.Config, roots *x509.CertPool, cert, key string) {
	t.Helper()
	pair, err := serving.SelfSigned()
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name, kind string, der []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	roots = x509.NewCertPool()
	roots.AddCert(pair.Leaf)
	config = &tls.Config{Certificates: []tls.Certificate{pair}}
	return config, roots, write("cert.pem", "CERTIFICATE", pair.Certificate[0]), write("key.pem", "PRIVATE KEY", der)
}

func TestProxy(t *testing.T) {
	text := random(1 << 20)
	t.Run("brings bytes there and back, and ends as its sides do", func(t *testing.T) {
		p, address, stop := start(t, options{to: echo(t, nil), limit: 2})
		for range 5 { // more than may be open at once
			if answer := ask(t, servingtest.Dial(t, address), text); !bytes.Equal(answer, text) {
				t.Errorf("%d bytes came back, not those %d that were sent", len(answer), len(text))
			}
		}
		stop()
		want := counters{total: 5, up: 5 << 20, down: 5 << 20}
		if p.counters != want {
			t.Errorf("it counted %v, want %v", &p.counters, &want)
		}
	})
	t.Run("speaks TLS with clients", func(t *testing.T) {
		_, roots, cert, key := certificate(t)
		_, address, _ := start(t, options{to: echo(t, nil), cert: cert, key: key})
		conn := tls.Client(servingtest.Dial(t, address), &tls.Config{RootCAs: roots, ServerName: "localhost"})
		if answer := ask(t, conn, text); !bytes.Equal(answer, text) {
			t.Errorf("%d bytes came back", len(answer))
		}
	})
	t.Run("speaks TLS with the server", func(t *testing.T) {
		config, _, cert, _ := certificate(t)
		_, address, _ := start(t, options{to: echo(t, config), toTLS: true, ca: cert})
		if answer := ask(t, servingtest.Dial(t, address), text); !bytes.Equal(answer, text) {
			t.Errorf("%d bytes came back", len(answer))
		}
	})
	t.Run("is not stopped by a client that sends garbage and reads nothing", func(t *testing.T) {
		_, roots, cert, key := certificate(t)
		to, written := flood(t)
		_, address, _ := start(t, options{to: to, cert: cert, key: key})
		secure := func() (*tls.Conn, net.Conn) {
			raw := servingtest.Dial(t, address)
			conn := tls.Client(raw, &tls.Config{RootCAs: roots, ServerName: "localhost"})
			if err := conn.Handshake(); err != nil {
				t.Fatal(err)
			}
			return conn, raw
		}
		_, hostile := secure()
		for n := int64(-1); n != written.Load() || n == 0; { // until the proxy waits for it
			n = written.Load()
			time.Sleep(50 * time.Millisecond)
		}
		_, _ = io.WriteString(hostile, "this is no record of TLS")
		time.Sleep(50 * time.Millisecond)
		other, _ := secure()
		if _, err := io.ReadFull(other, make([]byte, 1<<20)); err != nil {
			t.Errorf("another client got %v", err)
		}
	})
	t.Run("counts what does not speak TLS, and servers that are not there", func(t *testing.T) {
		_, _, cert, key := certificate(t)
		gone, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		gone.Close()
		for name, c := range map[string]struct {
			options
			why string
		}{
			"no TLS":    {options{to: echo(t, nil), cert: cert, key: key}, "tls: "},
			"no server": {options{to: gone.Addr().String()}, "dial tcp " + gone.Addr().String()},
		} {
			p, address, stop := start(t, c.options)
			_, _ = io.ReadAll(halfClosed(t, address, "hello"))
			stop()
			if p.counters.failed != 1 || p.counters.open != 0 || !strings.Contains(p.counters.String(), "1 failed (the last: "+c.why) {
				t.Errorf("%s: it counted %v", name, &p.counters)
			}
		}
	})
	t.Run("ends what is silent", func(t *testing.T) {
		_, address, _ := start(t, options{to: echo(t, nil), idle: 10 * time.Millisecond})
		if rest, _ := io.ReadAll(servingtest.Dial(t, address)); len(rest) != 0 {
			t.Errorf("it said %q", rest)
		}
	})
	t.Run("ends open connections when it is stopped", func(t *testing.T) {
		_, address, stop := start(t, options{to: echo(t, nil), grace: time.Millisecond})
		conn := servingtest.Dial(t, address)
		ended := make(chan error)
		go func() {
			_, err := conn.Read(make([]byte, 1))
			ended <- err
		}()
		stop()
		if err := <-ended; err == nil {
			t.Error("the connection is open")
		}
	})
}

// halfClosed says something that nobody may want to hear.
func halfClosed(t *testing.T, address, text string) net.Conn {
	t.Helper()
	conn := servingtest.Dial(t, address)
	_, _ = io.WriteString(conn, text)
	_ = conn.CloseWrite()
	return conn
}

func TestRelayRate(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		const rate, total = 1000, 10_000
		client, ours := asynciotest.Pipe(ctx)
		theirs, server := asynciotest.Pipe(ctx)
		var c counters
		relays := asyncio.Go(ctx, func(ctx context.Context) error {
			return (&relay{counters: &c, rate: rate}).run(ctx, ours, theirs)
		})
		_, _ = client.Write(make([]byte, total))
		_ = closeWrite(client)
		_ = closeWrite(server)
		begin := asyncio.RunningLoop(ctx).Now()
		got, err := io.ReadAll(server)
		took := asyncio.RunningLoop(ctx).Now().Sub(begin)
		if len(got) != total || err != nil || took != total/rate*time.Second {
			t.Errorf("%d bytes in %v, %v", len(got), took, err)
		}
		if _, err := relays.Await(ctx); err != nil || c.up != total || c.down != 0 {
			t.Errorf("it ended with %v, and counted %v", err, &c)
		}
	})
}

func TestOptions(t *testing.T) {
	good := options{to: "x:1", connect: 1}
	for want, change := range map[string]func(*options){
		"--to: which server?": func(o *options) { o.to = "" },
		"one needs the other": func(o *options) { o.cert = "x" },
		"--to-ca is for":      func(o *options) { o.ca = "x" },
		"cannot be negative":  func(o *options) { o.rate = -1 },
		"--connect 0s":        func(o *options) { o.connect = 0 },
		"no such file":        func(o *options) { o.cert, o.key = "/none", "/none" },
	} {
		o := good
		change(&o)
		if _, err := newProxy(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: error %v, want %q", o, err, want)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 B", 1023: "1023 B", 1024: "1.0 KiB", 1536: "1.5 KiB", 5 << 20: "5.0 MiB", 1 << 62: "4096.0 PiB"} {
		if got := size(n); got != want {
			t.Errorf("%s for %s", got, fmt.Sprint(n))
		}
	}
}
