package ecosystem

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/streams"
	"github.com/miekg/dns"
)

var noConnection = map[string]string{killed: "UDP has no connections"}

func TestDNSClient(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		library := "miekg/dns client, " + strings.ToUpper(network)
		var without map[string]string
		if network == "udp" {
			without = noConnection
		}
		t.Run(network, func(t *testing.T) {
			Case{Library: library, Way: direct, Unsupported: without,
				Note: "`dns.Conn{Conn: …}` of `streams.DialContext`, and `ExchangeWithConnContext`",
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					return dnsClient(network, netDNSServer(t, s, network), streams.DialContext)
				}}.Test(t)
			Case{Library: library, Way: toThread, Unsupported: without, OwnErrors: true,
				Note: "`defer context.AfterFunc(ctx, func() { conn.Close() })()`, or a canceled call keeps its thread",
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					return inThread(dnsClient(network, netDNSServer(t, s, network), closing(new(net.Dialer).DialContext)))
				}}.Test(t)
		})
	}
}

func TestDNSServer(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		library := "miekg/dns server, " + strings.ToUpper(network)
		var without map[string]string
		if network == "udp" {
			without = noConnection
		}
		t.Run(network, func(t *testing.T) {
			Case{Library: library, Way: serverGoroutine, Unsupported: without, Note: "`Shutdown` in ToThread. Not in a task: at its end the server waits, on the loop, for handlers that need the loop",
				Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
					server, address := loopDNSServer(ctx, t, s, network)
					served := make(chan error, 1)
					go func() { served <- server.ActivateAndServe() }()
					client := dnsClient(network, address, streams.DialContext)
					client.Close = func(ctx context.Context) error {
						s.Open() // Shutdown waits for the handlers
						err := asyncio.ToThreadFunc(ctx, func(context.Context) error { return server.Shutdown() })
						_, _, _ = asyncio.Receive(ctx, served)
						return err
					}
					return client
				}}.Test(t)
		})
	}
}

// In a task, a server whose handlers have ended ends when the task is canceled.
func TestDNSServerInTaskIsCanceled(t *testing.T) {
	for _, network := range []string{"udp", "tcp"} {
		t.Run(network, func(t *testing.T) {
			c := Case{Open: func(context.Context, *testing.T, *Scene) *Client { return echoClient(nil) }}
			c.onLoop(t, 0, func(ctx context.Context, s *Scene, _ *Client) {
				server, _ := loopDNSServer(ctx, t, s, network)
				started := new(asyncio.Event)
				server.NotifyStartedFunc = started.Set
				serving := asyncio.Go(ctx, func(context.Context) error { return server.ActivateAndServe() }) //asyncio:ok blocks its socket is of package streams, so it suspends
				_ = started.Wait(ctx)
				_ = asyncio.Yield(ctx)
				serving.Cancel()
				if _, err := serving.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
					t.Errorf("the server returned %v", err)
				}
			})
		})
	}
}

func TestResolver(t *testing.T) {
	resolver := func(dial dialer) func(ctx context.Context, t *testing.T, s *Scene) *Client {
		return func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address := netDNSServer(t, s, "udp")
			if dial == nil {
				dial = streams.DialShared(ctx)
			}
			return resolverClient(&net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
				return dial(ctx, network, address)
			}})
		}
	}
	Case{Library: "net.Resolver", Way: toThread, Unsupported: noConnection, Note: "a canceled call keeps its thread for 5 s, unless `Dial` does as that of miekg/dns",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			return inThread(resolver(closing(streams.DialContext))(ctx, t, s))
		}}.Test(t)
	Case{Library: "net.Resolver", Way: direct, Open: resolver(nil),
		Blocks: "a look-up waits on a channel for its goroutine; with `Dial: streams.DialContext` it would never end"}.Test(t)
}

// resolverClient asks for an address where it is to be held, as Dial of any library does.
func resolverClient(r *net.Resolver) *Client {
	client := echoClient(func(ctx context.Context, text string) (string, error) {
		texts, err := r.LookupTXT(ctx, dnsName(text))
		return strings.Join(texts, ""), withCause(ctx, err)
	})
	client.Hold = func(ctx context.Context) error {
		_, err := r.LookupHost(ctx, dnsName(holdMe))
		return withCause(ctx, err)
	}
	return client
}

// withCause adds why a context was canceled to the error of a library that hides it.
func withCause(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.Join(err, context.Cause(ctx))
	}
	return err
}

// dnsName has a text in it that may have more characters than a name.
func dnsName(text string) string { return hex.EncodeToString([]byte(text)) + ".echo." }

func dnsText(name string) (string, error) {
	digits, _, _ := strings.Cut(name, ".")
	text, err := hex.DecodeString(digits)
	return string(text), err
}

// dnsClient has a connection for each call, as DNS is used over UDP.
func dnsClient(network, address string, dial dialer) *Client {
	// The answer comes when the test wants it.
	c := &dns.Client{Net: network, Timeout: asynctest.Patience}
	return echoClient(func(ctx context.Context, text string) (string, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return "", err
		}
		defer conn.Close()
		question := new(dns.Msg).SetQuestion(dnsName(text), dns.TypeTXT)
		answer, _, err := c.ExchangeWithConnContext(ctx, question, &dns.Conn{Conn: conn})
		if err != nil {
			return "", err
		}
		if len(answer.Answer) != 1 {
			return "", fmt.Errorf("the answer is %v", answer)
		}
		return strings.Join(answer.Answer[0].(*dns.TXT).Txt, ""), nil
	})
}

// closing closes the connection when the call is canceled: libraries look at the deadline
// of a context only.
func closing(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err == nil {
			context.AfterFunc(ctx, func() { _ = conn.Close() })
		}
		return conn, err
	}
}

// answerDNS answers with the text that is in the name; the address is always the same.
func answerDNS(s *Scene) dns.HandlerFunc {
	return func(w dns.ResponseWriter, question *dns.Msg) {
		name := question.Question[0].Name
		text, err := dnsText(name)
		if err == nil {
			text, err = s.Answer(context.Background(), text)
		}
		answer := new(dns.Msg).SetReply(question)
		header := dns.RR_Header{Name: name, Rrtype: question.Question[0].Qtype, Class: dns.ClassINET}
		switch header.Rrtype {
		case dns.TypeTXT:
			answer.Answer = append(answer.Answer, &dns.TXT{Hdr: header, Txt: []string{text}})
		case dns.TypeA:
			answer.Answer = append(answer.Answer, &dns.A{Hdr: header, A: net.IPv4(127, 0, 0, 1)})
		}
		if err != nil {
			answer.Rcode = dns.RcodeServerFailure
		}
		_ = w.WriteMsg(answer)
	}
}

// netDNSServer runs a server on package net until the end of the test. It returns the
// address for clients.
func netDNSServer(t *testing.T, s *Scene, network string) (address string) {
	t.Helper()
	server := &dns.Server{Handler: answerDNS(s)}
	var err error
	if network == "udp" {
		server.PacketConn, err = net.ListenPacket("udp", "127.0.0.1:0")
	} else {
		server.Listener, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	serveDNS(t, server)
	return addressOf(t, s, server)
}

func serveDNS(t *testing.T, server *dns.Server) {
	started, ended := make(chan struct{}), make(chan struct{})
	server.NotifyStartedFunc = func() { close(started) }
	go func() {
		defer close(ended)
		_ = server.ActivateAndServe()
	}()
	<-started
	t.Cleanup(func() { _ = server.Shutdown(); <-ended })
}

// loopDNSServer returns a server for what listens on the loop, and the address for
// clients.
func loopDNSServer(ctx context.Context, t *testing.T, s *Scene, network string) (server *dns.Server, address string) {
	t.Helper()
	server = &dns.Server{Handler: answerDNS(s)}
	var err error
	if network == "udp" {
		server.PacketConn, err = streams.ListenPacket(ctx, "udp", "127.0.0.1:0")
	} else {
		server.Listener, err = streams.Listen(ctx, "tcp", "127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	return server, addressOf(t, s, server)
}

func addressOf(t *testing.T, s *Scene, server *dns.Server) string {
	if server.PacketConn != nil {
		return server.PacketConn.LocalAddr().String()
	}
	proxy := NewProxy(t, server.Listener.Addr().String())
	s.Kill = proxy.Kill
	return proxy.Addr()
}
