package streams_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// An echo server and its client, as two tasks of one loop.
func Example() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
				_, err := io.Copy(conn, conn)
				return err
			})
		})
		defer server.Cancel()

		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		if _, err := io.WriteString(conn, "hello"); err != nil {
			return err
		}
		if err := conn.CloseWrite(); err != nil {
			return err
		}
		echo, err := io.ReadAll(conn)
		fmt.Printf("%s\n", echo)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: hello
}

// When the context of Serve is canceled, handlers have some time to end.
func ExampleServe() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
				if _, err := io.WriteString(conn, "one moment\n"); err != nil {
					return err
				}
				if err := asyncio.Sleep(ctx, 20*time.Millisecond); err != nil {
					return err
				}
				_, err := io.WriteString(conn, "done\n")
				return err
			}, streams.GracePeriod(time.Minute), streams.MaxConnections(1000))
		})

		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		r := streams.NewReader(conn, 0)
		for line, err := range r.Lines() {
			if err != nil {
				return err
			}
			fmt.Printf("%s", line)
			server.Cancel() // in the middle of it
		}
		_, err = server.Await(ctx)
		fmt.Println("canceled:", errors.Is(err, asyncio.ErrCanceled))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// one moment
	// done
	// canceled: true
}

// Two sides agree in plain text to go on encrypted, as SMTP and others do.
func ExampleStartTLS() {
	certificate := exampleCertificate()
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			conn, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			r := streams.NewReader(conn, 0)
			if _, err := r.ReadLine(); err != nil { // STARTTLS
				return err
			}
			// The Reader may have read more than the line.
			config := &tls.Config{Certificates: []tls.Certificate{certificate}}
			secure, err := streams.StartTLS(ctx, streams.ConnWithReader(conn, r), config, streams.Server)
			if err != nil {
				return err
			}
			defer secure.Close()
			_, err = io.WriteString(secure, "a secret")
			return err
		})

		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if _, err := io.WriteString(conn, "STARTTLS\n"); err != nil {
			return err
		}
		config := &tls.Config{InsecureSkipVerify: true} // not to be imitated
		secure, err := streams.StartTLS(ctx, conn, config, streams.Client)
		if err != nil {
			return err
		}
		defer secure.Close()
		text, err := io.ReadAll(secure)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", text)
		_, err = server.Await(ctx)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: a secret
}

// exampleCertificate borrows that of a test server.
func exampleCertificate() tls.Certificate {
	s := httptest.NewUnstartedServer(nil)
	s.StartTLS()
	defer s.Close()
	return s.TLS.Certificates[0]
}

// A client that asks a question, and gives the whole conversation a limit of
// time.
func ExampleDial() {
	ask := func(ctx context.Context, address, question string) (answer string, err error) {
		err = asyncio.WithTimeout(ctx, 10*time.Second, func(ctx context.Context) error {
			conn, err := streams.Dial(ctx, "tcp", address)
			if err != nil {
				return err
			}
			defer conn.Close()
			if _, err := io.WriteString(conn, question+"\n"); err != nil {
				return err
			}
			line, err := streams.NewReader(conn, 0).ReadLine()
			answer = strings.TrimSpace(string(line))
			return err
		})
		return answer, err
	}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		parrot := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(_ context.Context, conn net.Conn) error {
				_, err := io.Copy(conn, conn)
				return err
			})
		})
		defer parrot.Cancel()
		answer, err := ask(ctx, l.Addr().String(), "who is there?")
		fmt.Println(answer)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: who is there?
}

// A read waits on the scope that its task has opened last, so a timeout around
// it ends it. The connection is as good as before.
func ExampleConn() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		defer conn.Close()
		err = asyncio.WithTimeout(ctx, 10*time.Millisecond, func(context.Context) error {
			_, err := conn.Read(make([]byte, 64))
			return err
		})
		fmt.Println(errors.Is(err, asyncio.ErrTimeout))
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output: true
}

func ExampleListenPacket() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		server, err := streams.ListenPacket(ctx, "udp", "localhost:0")
		if err != nil {
			return err
		}
		client, err := streams.Dial(ctx, "udp", server.LocalAddr().String())
		if err != nil {
			return err
		}
		if _, err := io.WriteString(client, "ping"); err != nil {
			return err
		}
		buf := make([]byte, 1500)
		n, from, err := server.ReadFrom(buf)
		if err != nil {
			return err
		}
		fmt.Printf("%s\n", buf[:n])
		_, err = server.WriteTo([]byte("pong"), from)
		if err != nil {
			return err
		}
		n, err = client.Read(buf)
		fmt.Printf("%s\n", buf[:n])
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// ping
	// pong
}

// One server on several addresses: a port that the system chooses is the same on all.
func ExampleListenAll() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.ListenAll(ctx, "tcp", []string{"localhost:0", "127.0.0.1:0"}) // localhost has ::1, too, perhaps
		if err != nil {
			return err
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
				_, err := io.WriteString(conn, "hello")
				return err
			})
		})
		for _, address := range l.Addrs() {
			conn, err := streams.Dial(ctx, "tcp", address.String())
			if err != nil {
				return err
			}
			greeting, err := io.ReadAll(conn)
			if err != nil || string(greeting) != "hello" {
				return fmt.Errorf("%v says %q, %v", address, greeting, err)
			}
			_ = conn.Close()
		}
		fmt.Println("all addresses say hello")
		_ = l.Close()
		_, err = server.Await(ctx)
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output: all addresses say hello
}
