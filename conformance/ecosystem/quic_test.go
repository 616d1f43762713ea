package ecosystem

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/quic-go/quic-go"
)

func TestQUIC(t *testing.T) {
	Case{Library: "quic-go client", Way: toThread,
		Note: "`defer context.AfterFunc(ctx, func() { stream.CancelRead(0) })()`, or a canceled call keeps its thread",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			conn, err := net.ListenPacket("udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := newQUICServer(t, s, conn)
			t.Cleanup(server.close)
			return quicClient(ctx, t, server)
		}}.Test(t)
	Case{Library: "quic-go server", Way: serverGoroutine, Note: "`quic.Transport{Conn: …}` of `streams.ListenPacket`; close it in ToThread",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			conn, err := streams.ListenPacket(ctx, "udp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			server := newQUICServer(t, s, conn)
			return endsWith(quicClient(ctx, t, server), func(ctx context.Context) error {
				s.Open() // for the handlers
				return asyncio.ToThreadFunc(ctx, func(context.Context) error { server.close(); return nil })
			})
		}}.Test(t)
}

// A quicServer answers each stream.
type quicServer struct {
	t         *testing.T
	scene     *Scene
	tls       *tls.Config // for clients
	transport *quic.Transport
	listener  *quic.Listener
	running   sync.WaitGroup

	mu    sync.Mutex
	conns []*quic.Conn
}

const quicProtocol = "echo"

func newQUICServer(t *testing.T, s *Scene, conn net.PacketConn) *quicServer {
	t.Helper()
	certificates := httptest.NewUnstartedServer(nil)
	certificates.StartTLS()
	defer certificates.Close()
	server := &quicServer{t: t, scene: s, transport: &quic.Transport{Conn: conn}}
	server.tls = certificates.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	server.tls.NextProtos = []string{quicProtocol}
	server.tls.ServerName = "example.com"
	config := &tls.Config{Certificates: certificates.TLS.Certificates, NextProtos: []string{quicProtocol}}
	var err error
	if server.listener, err = server.transport.Listen(config, nil); err != nil {
		t.Fatal(err)
	}
	s.Kill = func() { server.running.Go(server.kill) } // it waits until the loop has sent packets
	server.running.Go(server.accept)
	return server
}

func (s *quicServer) addr() string { return s.transport.Conn.LocalAddr().String() }

func (s *quicServer) accept() {
	for {
		conn, err := s.listener.Accept(context.Background())
		if err != nil {
			return
		}
		s.mu.Lock()
		s.conns = append(s.conns, conn)
		s.mu.Unlock()
		s.running.Go(func() { s.serve(conn) })
	}
}

func (s *quicServer) serve(conn *quic.Conn) {
	for {
		stream, err := conn.AcceptStream(context.Background())
		if err != nil {
			return
		}
		s.running.Go(func() {
			text, err := io.ReadAll(stream)
			if err != nil {
				return
			}
			answer, err := s.scene.Answer(conn.Context(), string(text))
			if err != nil {
				stream.CancelWrite(0)
				return
			}
			_, _ = stream.Write([]byte(answer))
			_ = stream.Close()
		})
	}
}

// kill closes all connections.
func (s *quicServer) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.conns {
		_ = c.CloseWithError(1, "killed")
	}
}

func (s *quicServer) close() {
	_ = s.listener.Close()
	s.kill()
	_ = s.transport.Close()
	_ = s.transport.Conn.Close()
	s.running.Wait()
}

// quicClient has one connection, and a stream for each call.
func quicClient(ctx context.Context, t *testing.T, server *quicServer) *Client {
	dial := func(ctx context.Context) (*quic.Conn, error) {
		return quic.DialAddr(ctx, server.addr(), server.tls, nil)
	}
	conn, err := asyncio.ToThread(ctx, dial)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(ctx context.Context, conn *quic.Conn, text string) (string, error) {
		stream, err := conn.OpenStreamSync(ctx)
		if err != nil {
			return "", err
		}
		defer context.AfterFunc(ctx, func() { stream.CancelRead(0) })()
		if _, err := stream.Write([]byte(text)); err != nil {
			return "", err
		}
		if err := stream.Close(); err != nil {
			return "", err
		}
		answer, err := io.ReadAll(stream)
		return string(answer), withCause(ctx, err)
	}
	client := echoClient(func(ctx context.Context, text string) (string, error) {
		conn := conn // which Redial replaces
		return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) { return ask(ctx, conn, text) })
	})
	client.Redial = func(ctx context.Context) (err error) {
		_ = closeQUIC(ctx, conn)
		conn, err = asyncio.ToThread(ctx, dial)
		return err
	}
	client.Close = func(ctx context.Context) error { return closeQUIC(ctx, conn) }
	return client
}

func closeQUIC(ctx context.Context, conn *quic.Conn) error {
	return asyncio.ToThreadFunc(ctx, func(context.Context) error { return conn.CloseWithError(0, "") })
}
