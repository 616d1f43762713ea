package ecosystem

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"net"
	"sync"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
	"golang.org/x/crypto/ssh"
)

const sshLibrary = "x/crypto/ssh"

func TestSSH(t *testing.T) {
	server := func(t *testing.T, s *Scene) (address string) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var serving sync.WaitGroup
		serving.Go(func() { serveSSH(t, l, s) })
		t.Cleanup(serving.Wait)
		t.Cleanup(func() { _ = l.Close() })
		proxy := NewProxy(t, l.Addr().String())
		s.Kill = proxy.Kill
		return proxy.Addr()
	}
	Case{Library: sshLibrary + ", client", Way: toThread, Note: "close the session when ctx is done: context.AfterFunc",
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client { return sshClient(ctx, t, server(t, s)) },
	}.Test(t)
	Case{Library: sshLibrary + ", client", Way: direct, Blocks: "a goroutine of its own reads, and the caller waits on channels" + neverEnds,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			address := server(t, s)
			client, err := asyncio.ToThread(ctx, func(ctx context.Context) (*ssh.Client, error) {
				conn, err := streams.DialShared(ctx)(ctx, "tcp", address)
				if err != nil {
					return nil, err
				}
				c, channels, requests, err := ssh.NewClientConn(conn, address, sshConfig)
				return ssh.NewClient(c, channels, requests), err
			})
			if err != nil {
				t.Fatal(err)
			}
			c := echoClient(func(ctx context.Context, text string) (string, error) { return askSSH(ctx, client, text) })
			c.Close = func(context.Context) error { return client.Close() }
			return c
		}}.Test(t)
	Case{Library: sshLibrary + ", server", Way: serverGoroutine,
		Open: func(ctx context.Context, t *testing.T, s *Scene) *Client {
			l, address := listen(ctx, t, s)
			serving := make(chan struct{})
			go func() {
				defer close(serving)
				serveSSH(t, l, s)
			}()
			return endsWith(sshClient(ctx, t, address), func(ctx context.Context) error {
				_ = l.Close()
				_, _, err := asyncio.Receive(ctx, serving)
				return err
			})
		}}.Test(t)
}

// serveSSH serves until the listener is closed, and then waits for the connections to
// end. It is all goroutines.
func serveSSH(t *testing.T, l net.Listener, s *Scene) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Error(err)
		return
	}
	signer, err := ssh.NewSignerFromKey(key)
	if err != nil {
		t.Error(err)
		return
	}
	config := &ssh.ServerConfig{NoClientAuth: true}
	config.AddHostKey(signer)
	var conns sync.WaitGroup
	defer conns.Wait()
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		conns.Go(func() { serveSSHConn(conn, config, s) })
	}
}

func serveSSHConn(conn net.Conn, config *ssh.ServerConfig, s *Scene) {
	_, channels, requests, err := ssh.NewServerConn(conn, config)
	if err != nil {
		_ = conn.Close()
		return
	}
	var sessions sync.WaitGroup
	defer sessions.Wait()
	sessions.Go(func() { ssh.DiscardRequests(requests) })
	for c := range channels {
		channel, requests, err := c.Accept()
		if err != nil {
			return
		}
		sessions.Go(func() { serveSSHSession(channel, requests, s) })
	}
}

// serveSSHSession takes the command for the text, and prints it.
func serveSSHSession(channel ssh.Channel, requests <-chan *ssh.Request, s *Scene) {
	defer channel.Close()
	command := <-requests
	if command == nil {
		return
	}
	_ = command.Reply(true, nil)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		ssh.DiscardRequests(requests)
		cancel() // the client has closed the session
	}()
	var exec struct{ Command string }
	_ = ssh.Unmarshal(command.Payload, &exec)
	if answer, err := s.Answer(ctx, exec.Command); err == nil {
		_, _ = channel.Write([]byte(answer))
		_, _ = channel.SendRequest("exit-status", false, make([]byte, 4))
	}
}

func dialSSH(address string) (*ssh.Client, error) {
	return ssh.Dial("tcp", address, sshConfig)
}

var sshConfig = &ssh.ClientConfig{HostKeyCallback: ssh.InsecureIgnoreHostKey()}

// askSSH runs a command in a session of its own.
func askSSH(ctx context.Context, client *ssh.Client, text string) (string, error) {
	session, err := client.NewSession()
	if err != nil {
		return "", err
	}
	defer session.Close()
	defer context.AfterFunc(ctx, func() { _ = session.Close() })()
	out, err := session.Output(text)
	return string(out), err
}

// sshClient has one connection, and a session for each call.
func sshClient(ctx context.Context, t *testing.T, address string) *Client {
	dial := func(context.Context) (*ssh.Client, error) { return dialSSH(address) }
	conn, err := asyncio.ToThread(ctx, dial)
	if err != nil {
		t.Fatal(err)
	}
	client := inThread(echoClient(func(ctx context.Context, text string) (string, error) { return askSSH(ctx, conn, text) }))
	client.Redial = func(ctx context.Context) error {
		_ = conn.Close()
		conn, err = asyncio.ToThread(ctx, dial)
		return err
	}
	client.Close = func(ctx context.Context) error {
		return asyncio.ToThreadFunc(ctx, func(context.Context) error { return conn.Close() })
	}
	return client
}
