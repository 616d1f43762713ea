// Command chat is a server to which people connect with telnet.
package main

import (
	"bufio"
	"context"
	"fmt"
	"log"
	"net"
	"sync"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

type room struct {
	mu    sync.Mutex
	names map[string]bool
	news  *asyncio.Broadcast[string]
}

// join tells all others, who must not come and go meanwhile.
func (r *room) join(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.names[name] = true
	return r.news.Put(ctx, name+" is here") // want `asyncio-mutex-across`
}

func (r *room) talk(ctx context.Context, conn net.Conn) error {
	lines := bufio.NewScanner(conn)
	lines.Scan()
	name := lines.Text()
	if err := r.join(ctx, name); err != nil {
		return err
	}
	heard := r.news.Subscribe()
	defer heard.Close()
	return asyncio.WithTaskGroup(ctx, func(inner context.Context, tg *asyncio.TaskGroup) error {
		tg.Go(func(ctx context.Context) error {
			for text := range heard.All(ctx) { // want `the range over asyncio.Subscriber.All leaves its error aside.*asyncio-dropped-iteration-error`
				fmt.Fprintln(conn, text)
			}
			return nil
		})
		for lines.Scan() {
			if err := r.news.Put(ctx, name+": "+lines.Text()); err != nil { // want `ctx is the context that was given to asyncio.WithTaskGroup.*asyncio-outer-context`
				return err
			}
		}
		tg.Cancel()
		return lines.Err()
	})
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "127.0.0.1:7000")
		if err != nil {
			return err
		}
		r := &room{names: map[string]bool{}, news: asyncio.NewBroadcast[string](100)}
		return streams.Serve(ctx, l, r.talk)
	}, asyncio.HandleInterrupt())
	if err != nil {
		log.Fatal(err)
	}
}
