package streams_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A conversation over TLS in which one task writes while another one reads,
// whatever the other side does.
func ExampleAdopt() {
	handler := func(ctx context.Context, conn net.Conn) error {
		duplex, err := streams.Adopt(ctx, conn)
		if err != nil {
			return err
		}
		defer duplex.Close()
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(context.Context) error {
				_, err := io.WriteString(duplex, "welcome\n")
				return err
			})
			line, err := streams.NewReader(duplex, 0).ReadLine()
			fmt.Printf("the client says %q\n", line)
			return err
		})
	}
	withTLSServer(handler, func(_ context.Context, client *tls.Conn) error {
		defer client.Close()
		if _, err := io.WriteString(client, "hello\n"); err != nil {
			return err
		}
		all, err := io.ReadAll(client)
		fmt.Printf("the server says %q\n", all)
		return err
	})
	// Output:
	// the client says "hello\n"
	// the server says "welcome\n"
}

// A client that wants to know that the server has heard all it had to say.
func ExampleCloseTLS() {
	handler := func(_ context.Context, conn net.Conn) error {
		all, err := io.ReadAll(conn) // up to the goodbye; that of Serve answers it
		fmt.Printf("the server has heard %q\n", all)
		return err
	}
	withTLSServer(handler, func(ctx context.Context, client *tls.Conn) error {
		if _, err := io.WriteString(client, "all of this"); err != nil {
			return err
		}
		err := streams.CloseTLS(ctx, client, 30*time.Second)
		fmt.Println("closed")
		return err
	})
	// Output:
	// the server has heard "all of this"
	// closed
}

// withTLSServer serves TLS while a client has its conversation.
func withTLSServer(handler func(context.Context, net.Conn) error, converse func(context.Context, *tls.Conn) error) {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		config := &tls.Config{Certificates: []tls.Certificate{exampleCertificate()}}
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return streams.Serve(ctx, tls.NewListener(l, config), handler)
		})
		defer server.Cancel()
		client, err := streams.DialTLS(ctx, "tcp", l.Addr().String(), &tls.Config{InsecureSkipVerify: true}) // not to be imitated
		if err != nil {
			return err
		}
		return converse(ctx, client)
	})
	if err != nil {
		log.Fatal(err)
	}
}
