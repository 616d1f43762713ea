package nettest

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/net/nettest"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/simnet"
	"github.com/asyncio-go/asyncio/internal/simnet/twohosts"
	"github.com/asyncio-go/asyncio/streams"
)

func TestTCP(t *testing.T) {
	testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
		return connect(ctx, "tcp", "127.0.0.1:0")
	})
}

func TestTCPInMemory(t *testing.T) {
	testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
		return connect(ctx, "tcp", "localhost:0")
	}, simnet.InMemory())
}

func TestTCPBetweenHosts(t *testing.T) {
	for name, set := range map[string]func(links *simnet.Link){
		"without any setting": nil,
		"with latency":        func(links *simnet.Link) { links.SetLatency(time.Millisecond, 3*time.Millisecond) },
		"with losses":         func(links *simnet.Link) { links.SetLoss(0.005) }, // each costs 200 ms of real time
		"with a bandwidth": func(links *simnet.Link) {
			links.SetLatency(10*time.Microsecond, 500*time.Microsecond)
			links.SetBandwidth(100 << 20)
		},
	} {
		t.Run(name, func(t *testing.T) {
			testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
				return connect(ctx, "tcp", "localhost:0")
			}, twohosts.InMemory(set))
		})
	}
}

func TestUnix(t *testing.T) {
	testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
		return connect(ctx, "unix", filepath.Join(asynctest.SocketDir(t), "socket"))
	})
}

func TestUnixInMemory(t *testing.T) {
	testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
		return connect(ctx, "unix", "@nettest")
	}, simnet.InMemory())
}

// After a write that has timed out, a tls.Conn cannot be written any more, as
// crypto/tls says. So these tests fail with it on package net as well.
const notForTLS = "^TestTLSConn$/^(PastTimeout|FutureTimeout|ConcurrentMethods)$"

// TestTLS runs TestTLSConn without those, in a process of its own: the tests to
// be skipped are chosen when a process starts.
func TestTLS(t *testing.T) {
	tests := exec.Command(os.Args[0], "-test.run=^TestTLSConn$", "-test.skip="+notForTLS, "-test.v")
	tests.Env = append(os.Environ(), inProcessOfItsOwn+"=1")
	out, err := tests.CombinedOutput()
	if passed := bytes.Count(out, []byte("    --- PASS: ")); err != nil || passed != 8 {
		t.Errorf("%d tests passed, want 8: %v\n%s", passed, err, out)
	}
}

const inProcessOfItsOwn = "NETTEST_TLS"

// What Adopt makes of a tls.Conn can, and passes all of them.
func TestAdoptedTLS(t *testing.T) {
	connect := connectTLS(t)
	testConns(t, func(ctx context.Context) (net.Conn, net.Conn, error) {
		client, server, err := connect(ctx)
		if err != nil {
			return nil, nil, err
		}
		adoptedClient, err := streams.Adopt(ctx, client)
		if err != nil {
			return nil, nil, err
		}
		adoptedServer, err := streams.Adopt(ctx, server)
		return adoptedClient, adoptedServer, err
	})
}

func TestTLSConn(t *testing.T) {
	if os.Getenv(inProcessOfItsOwn) == "" {
		t.Skip("TestTLS runs it")
	}
	testConns(t, connectTLS(t))
}

// connectTLS returns what returns both ends of a connection that speaks TLS.
func connectTLS(t *testing.T) func(ctx context.Context) (client, server net.Conn, err error) {
	s := httptest.NewUnstartedServer(nil) // for its certificate
	s.StartTLS()
	t.Cleanup(s.Close)
	return func(ctx context.Context) (net.Conn, net.Conn, error) {
		client, server, err := connect(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, nil, err
		}
		return handshake(ctx, client, server, &tls.Config{Certificates: s.TLS.Certificates})
	}
}

// connect returns both ends of a connection on the loop.
func connect(ctx context.Context, network, address string) (client, server net.Conn, err error) {
	l, err := streams.Listen(ctx, network, address)
	if err != nil {
		return nil, nil, err
	}
	defer l.Close()
	if client, err = streams.Dial(ctx, network, l.Addr().String()); err != nil {
		return nil, nil, err
	}
	server, err = l.Accept()
	return client, server, err
}

func handshake(ctx context.Context, client, server net.Conn, config *tls.Config) (net.Conn, net.Conn, error) {
	task := asyncio.CreateTask(ctx, func(ctx context.Context) (*tls.Conn, error) {
		return streams.StartTLS(ctx, client, &tls.Config{InsecureSkipVerify: true}, streams.Client)
	})
	secureServer, err := streams.StartTLS(ctx, server, config, streams.Server)
	if err != nil {
		return nil, nil, err
	}
	secureClient, err := task.Await(ctx)
	return secureClient, secureServer, err
}

// testConns runs the tests with connections of a loop, which runs beside them.
func testConns(t *testing.T, connect func(ctx context.Context) (net.Conn, net.Conn, error), opts ...asyncio.Option) {
	nettest.TestConn(t, func() (net.Conn, net.Conn, func(), error) {
		type made struct {
			a, b net.Conn
			err  error
		}
		ends := make(chan made, 1)
		over, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			err := asyncio.Run(context.Background(), func(ctx context.Context) error {
				a, b, err := connect(ctx)
				ends <- made{a, b, err}
				_, _ = asyncio.ToThread(ctx, func(context.Context) (int, error) {
					<-over
					return 0, nil
				})
				return nil
			}, opts...)
			if err != nil {
				t.Error(err)
			}
		}()
		m := <-ends
		stop := func() {
			close(over) // Run closes the connections
			<-ended
		}
		return m.a, m.b, stop, m.err
	})
}
