// Command api takes orders by HTTP, and a loop works on them.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/asyncio-go/asyncio"
)

type orders struct {
	queue *asyncio.Queue[string]
	sent  int
}

func (o *orders) work(ctx context.Context) error {
	for order, err := range o.queue.All(ctx) {
		if err != nil {
			return err
		}
		fmt.Println("sent", order)
		o.sent++
		o.queue.TaskDone()
	}
	return nil
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		o := &orders{queue: asyncio.NewQueue[string](10)}
		http.HandleFunc("POST /order", func(w http.ResponseWriter, r *http.Request) {
			if err := o.queue.Put(r.Context(), r.FormValue("what")); err != nil { // want `asyncio.Queue.Put suspends a task, but the function that main gives to http.HandleFunc calls it on another goroutine.*asyncio-foreign`
				http.Error(w, err.Error(), http.StatusServiceUnavailable)
			}
		})
		http.HandleFunc("GET /left", func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprintln(w, o.queue.Len()) // want `asyncio.Queue.Len is for the loop.*asyncio-foreign`
		})
		go o.work(ctx)                                    // want `orders.work suspends a task, but the function that main gives to asyncio.Run calls it on another goroutine.*asyncio-foreign`
		return http.ListenAndServe("127.0.0.1:8080", nil) // want `http.ListenAndServe blocks the event loop .*: use asynciohttp.Serve \(asyncio-blocks\)`
	})
	if err != nil {
		log.Fatal(err)
	}
}
