package streams_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// A pool is what many client libraries have in them: it dials on a goroutine of its own,
// and whoever wants a connection blocks on a channel.
type pool struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	address string
	idle    chan net.Conn
}

func (p *pool) get() (net.Conn, error) {
	select {
	case conn := <-p.idle:
		return conn, nil
	default:
	}
	dialed := make(chan error)
	go func() {
		conn, err := p.dial(context.Background(), "tcp", p.address)
		if err == nil {
			p.idle <- conn
		}
		dialed <- err
	}()
	if err := <-dialed; err != nil {
		return nil, err
	}
	return <-p.idle, nil
}

// Tasks use a library that has a pool, without threads. Its connections come from
// DialShared, so that it can dial while the loop waits for it. A Semaphore of the pool's
// size is the gate: a task waits there for its turn, and lets others run, where in the
// pool it would stop the loop, until a connection comes back, which a stopped loop cannot
// give.
func ExampleDialShared() {
	server, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	go func() { // sends back what it is sent
		for {
			conn, err := server.Accept()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(conn, conn) }()
		}
	}()

	err = asyncio.Run(context.Background(), func(ctx context.Context) error {
		const size = 2
		library := &pool{streams.DialShared(ctx), server.Addr().String(), make(chan net.Conn, size)}
		gate := asyncio.NewSemaphore(size)
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for i := range 5 {
				tg.Go(func(ctx context.Context) error {
					return gate.With(ctx, func() error {
						conn, err := library.get()
						if err != nil {
							return err
						}
						defer func() { library.idle <- conn }() //asyncio:ok channel it has room for every connection
						fmt.Fprintln(conn, "hello from", i)
						answer, err := bufio.NewReader(conn).ReadString('\n')
						fmt.Print(answer)
						return err
					})
				})
			}
			return nil
		})
	})
	if err != nil {
		log.Fatal(err)
	}
	// Unordered output:
	// hello from 0
	// hello from 1
	// hello from 2
	// hello from 3
	// hello from 4
}
