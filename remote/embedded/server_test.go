package embedded_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio/remote/embedded"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// start starts a server that the test closes.
func start(t *testing.T, dir string, opts ...embedded.Option) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(dir, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// connect returns a connection in the process, and JetStream on it.
func connect(t *testing.T, s *embedded.Server) jetstream.JetStream {
	t.Helper()
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return js
}

func long(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

var stream = jetstream.StreamConfig{Name: "S", Subjects: []string{"s.>"}, Storage: jetstream.FileStorage}

func TestServer(t *testing.T) {
	t.Run("keeps what is in the directory", func(t *testing.T) {
		dir, ctx := t.TempDir(), long(t)
		first := start(t, dir)
		js := connect(t, first)
		if _, err := js.CreateStream(ctx, stream); err != nil {
			t.Fatal(err)
		}
		if _, err := js.Publish(ctx, "s.a", []byte("kept")); err != nil {
			t.Fatal(err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := connect(t, start(t, dir)).Stream(ctx, "S")
		if err != nil {
			t.Fatal(err)
		}
		if m, err := again.GetMsg(ctx, 1); err != nil || string(m.Data) != "kept" {
			t.Errorf("the message after the restart: %v, %v", m, err)
		}
	})
	t.Run("listens on loopback alone, on a free port", func(t *testing.T) {
		one, other := start(t, t.TempDir()), start(t, t.TempDir())
		if one.URL() == other.URL() {
			t.Errorf("two servers have one URL, %s", one.URL())
		}
		u, err := url.Parse(one.URL())
		if err != nil || u.Hostname() != "127.0.0.1" {
			t.Errorf("URL %s, %v: want one on 127.0.0.1", one.URL(), err)
		}
		nc, err := nats.Connect(one.URL())
		if err != nil {
			t.Fatal(err)
		}
		nc.Close()
	})
	t.Run("listens on the port that it is given", func(t *testing.T) {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		port := free.Addr().(*net.TCPAddr).Port
		t.Run("or says why it does not", func(t *testing.T) {
			_, err := embedded.Start(t.TempDir(), embedded.Port(port))
			if err == nil || !strings.Contains(err.Error(), "address already in use") && !strings.Contains(err.Error(), "Only one usage") {
				t.Errorf("the error is %v, want one that says that the port is in use", err)
			}
		})
		_ = free.Close() // a listener on loopback
		s := start(t, t.TempDir(), embedded.Port(port))
		if want := free.Addr().String(); !strings.HasSuffix(s.URL(), want) {
			t.Errorf("URL %s, want one with %s", s.URL(), want)
		}
	})
	t.Run("in the process alone has no URL", func(t *testing.T) {
		s := start(t, t.TempDir(), embedded.InProcess())
		if s.URL() != "" {
			t.Errorf("URL %q, want none", s.URL())
		}
		if _, err := connect(t, s).CreateStream(long(t), stream); err != nil {
			t.Error(err)
		}
	})
}

func TestDirectory(t *testing.T) {
	t.Run("has to be named", func(t *testing.T) {
		if _, err := embedded.Start(""); err == nil || !strings.Contains(err.Error(), "name a directory") {
			t.Errorf("Start without a directory: %v, want advice", err)
		}
	})
	t.Run("is for one server", func(t *testing.T) {
		dir := t.TempDir()
		first := start(t, dir)
		_, err := embedded.Start(dir)
		if err == nil || !strings.Contains(err.Error(), "another server (in process ") {
			t.Errorf("a second server in one directory: %v, want an error that says so", err)
		}
		if _, err := connect(t, first).CreateStream(long(t), stream); err != nil {
			t.Errorf("the first one does not work any more: %v", err)
		}
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
		start(t, dir)
	})
}

func TestClose(t *testing.T) {
	s := start(t, t.TempDir())
	nc, err := s.Conn()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if !nc.IsClosed() {
		t.Error("a connection that cannot work any more is not closed")
	}
	if _, err := s.Conn(); !errors.Is(err, embedded.ErrClosed) {
		t.Errorf("Conn after Close: %v, want ErrClosed", err)
	}
}
