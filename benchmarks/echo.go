package main

// Echo: a client's task and a server's task on one loop send each other 64 bytes over a
// TCP connection. One operation is a round trip. Only the budgets have this subject
// (budget_test.go), so it has no base: benchmarks/io compares servers, with clients in a
// process of their own.

import (
	"context"
	"io"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// budgetSubjects are subjects that nothing is compared with.
func budgetSubjects() []subject {
	return []subject{{
		name: "echo over TCP", op: "round trip", ops: fewOps,
		ours: contender{name: "asyncio", body: echoTCP},
	}}
}

const echoSize = 64

func echoTCP(_ timer, n int) error {
	return run(func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(func(ctx context.Context) error {
				defer l.Close()
				conn, err := l.Accept()
				if err != nil {
					return err
				}
				defer conn.Close()
				return sendBack(conn)
			})
			conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
			if err != nil {
				return err
			}
			defer conn.Close()
			return sendAndRead(conn, n)
		})
	})
}

// sendBack echoes until the other side ends.
func sendBack(conn net.Conn) error {
	var buf [echoSize]byte
	for {
		n, err := conn.Read(buf[:])
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := conn.Write(buf[:n]); err != nil {
			return err
		}
	}
}

func sendAndRead(conn net.Conn, n int) error {
	var sent, back [echoSize]byte
	for i := range n {
		sent[0] = byte(i)
		if _, err := conn.Write(sent[:]); err != nil {
			return err
		}
		if _, err := io.ReadFull(conn, back[:]); err != nil {
			return err
		}
		if back != sent {
			return expect("first byte of the echo", int(back[0]), int(sent[0]))
		}
	}
	return nil
}
