// Package streams is a lesson: a server, and clients that talk to it.
package streams

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/streams"
)

//tour:begin

// serve paints a cup, letter by letter. Each client has a task for it.
func serve(ctx context.Context, conn net.Conn) error {
	letter := lesson.Duration(ctx, "letter", 200*time.Millisecond)
	line, err := streams.NewReader(conn, 0).ReadLine() // waits for it
	if err == nil {
		err = asyncio.Sleep(ctx, time.Duration(len(line)-1)*letter)
	}
	fmt.Fprintf(conn, "a cup for %s", line)
	return err
}

func client(name string, to net.Addr) func(context.Context) error {
	return func(ctx context.Context) error {
		//tour:focus
		conn, err := streams.Dial(ctx, "tcp", to.String())
		//tour:end
		if err != nil {
			return err
		}
		defer conn.Close()
		lesson.Println(ctx, name, "orders")
		fmt.Fprintln(conn, name)
		answer, err := streams.NewReader(conn, 0).ReadLine()
		lesson.Printf(ctx, "%s gets %s", name, answer)
		return err
	}
}

func main(ctx context.Context) error {
	//tour:focus
	listener, err := streams.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	asyncio.Go(ctx, func(ctx context.Context) error {
		return streams.Serve(ctx, listener, serve) // until main ends
	}, asyncio.Name("server"))
	//tour:end
	second := lesson.Choice(ctx, "second", "Al")
	a := asyncio.Go(ctx, client("Carl", listener.Addr()), asyncio.Name("Carl"))
	b := asyncio.Go(ctx, client(second, listener.Addr()), asyncio.Name(second))
	_, err = asyncio.Gather(ctx, a, b)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
