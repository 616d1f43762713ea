// Command crawler reads pages side by side. It was written for goroutines, and then its
// functions were put into tasks.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/asyncio-go/asyncio"
)

type page struct {
	url  string
	size int64
}

func read(url string) (page, error) {
	time.Sleep(100 * time.Millisecond) // be polite
	response, err := http.Get(url)
	if err != nil {
		return page{}, err
	}
	defer response.Body.Close()
	size, err := io.Copy(io.Discard, response.Body)
	return page{url, size}, err
}

func crawl(ctx context.Context, urls []string) error {
	pages := make(chan page)
	var wg sync.WaitGroup
	return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		for _, url := range urls {
			wg.Add(1)
			tg.Go(func(ctx context.Context) error {
				defer wg.Done()
				p, err := read(url) // want `read blocks the event loop in the function that crawl gives to asyncio.TaskGroup.Go: read → time.Sleep; call it in ToThread \(asyncio-blocks\)`
				if err != nil {
					return err
				}
				pages <- p // want `asyncio-channel`
				return nil
			})
		}
		go func() {
			wg.Wait()
			close(pages)
		}()
		for p := range pages { // want `a range over a channel blocks the event loop .*asyncio-channel`
			fmt.Println(p.url, p.size)
		}
		return nil
	})
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error { return crawl(ctx, os.Args[1:]) })
	if err != nil {
		log.Fatal(err)
	}
}
