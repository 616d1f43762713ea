package asynciohttp

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// serveTLS serves with HTTP/2, and returns a client for it, which has to close its idle
// connections: the server waits a second for a client that keeps one.
func serveTLS(ctx context.Context, t *testing.T, fn HandlerFunc) (*http.Client, string) {
	t.Helper()
	lender := httptest.NewTLSServer(nil) // of a certificate
	defer lender.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{
		Handler:   Handler(ctx, fn),
		ErrorLog:  testLog(t),
		TLSConfig: &tls.Config{Certificates: lender.TLS.Certificates},
	}
	asyncio.Go(ctx, func(ctx context.Context) error { return Serve(ctx, server, l) })
	transport := lender.Client().Transport.(*http.Transport).Clone()
	transport.ForceAttemptHTTP2 = true
	return &http.Client{Transport: transport}, "https://" + l.Addr().String()
}

// A conversation: with HTTP/2 a handler may read and write by turns.
func TestHTTP2Conversation(t *testing.T) {
	run(t, func(ctx context.Context) error {
		client, url := serveTLS(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			asynctest.ExpectEqual(t, "the protocol", r.Proto, "HTTP/2.0")
			control := http.NewResponseController(w)
			buffer := make([]byte, 1000)
			for {
				if err := control.Flush(); err != nil {
					return err
				}
				n, err := r.Body.Read(buffer)
				if _, err := w.Write(buffer[:n]); err != nil {
					return err
				}
				if err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
			}
		})
		defer client.CloseIdleConnections()
		return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
			body, in := io.Pipe()
			request, err := http.NewRequestWithContext(ctx, "POST", url, body)
			if err != nil {
				return err
			}
			response, err := client.Do(request)
			if err != nil {
				return err
			}
			defer response.Body.Close()
			for i := range 100 {
				want := fmt.Sprintf("line %9d", i)
				if _, err := io.WriteString(in, want); err != nil {
					return err
				}
				got := make([]byte, len(want))
				if _, err := io.ReadFull(response.Body, got); err != nil {
					return err
				}
				asynctest.ExpectEqual(t, "the answer", string(got), want)
			}
			_ = in.Close()
			_, err = response.Body.Read(make([]byte, 1))
			asynctest.ExpectIs(t, err, io.EOF)
			return nil
		})
	}, noReports(t))
}

// One client goes away; others on the same connection do not notice.
func TestHTTP2ClientGoesAway(t *testing.T) {
	run(t, func(ctx context.Context) error {
		var arrived, gone asyncio.Event
		client, url := serveTLS(ctx, t, func(ctx context.Context, w http.ResponseWriter, r *http.Request) error {
			if r.URL.Path == "/hello" {
				_, err := fmt.Fprint(w, "hello")
				return err
			}
			arrived.Set()
			defer gone.Set()
			return asynctest.WaitForever(ctx)
		})
		defer client.CloseIdleConnections()
		get := func(ctx context.Context, path string) (string, error) {
			return asyncio.ToThread(ctx, func(ctx context.Context) (string, error) {
				request, err := http.NewRequestWithContext(ctx, "GET", url+path, nil)
				if err != nil {
					return "", err
				}
				response, err := client.Do(request)
				if err != nil {
					return "", err
				}
				defer response.Body.Close()
				body, err := io.ReadAll(response.Body)
				return string(body), err
			})
		}
		call := asyncio.Go(ctx, func(ctx context.Context) error { _, err := get(ctx, "/wait"); return err })
		if err := arrived.Wait(ctx); err != nil {
			return err
		}
		call.Cancel()
		if err := gone.Wait(ctx); err != nil {
			return err
		}
		answer, err := get(ctx, "/hello")
		asynctest.ExpectEqual(t, "the answer", answer, "hello")
		return err
	}, noReports(t))
}
