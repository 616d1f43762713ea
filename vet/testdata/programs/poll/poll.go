// Command poll waits until a file is there, and then until it has been read.
package main

import (
	"context"
	"io/fs"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/files"
)

type reader struct {
	ready bool
	data  []byte
}

func (r *reader) watch(ctx context.Context, name string) (err error) {
	for range asyncio.Every(ctx, time.Second) { // want `the range over asyncio.Every leaves its error aside.*asyncio-dropped-iteration-error`
		if r.data, err = files.ReadFile(ctx, name); err == nil {
			r.ready = true
			return nil
		}
	}
	return fs.ErrNotExist
}

func (r *reader) wait(ctx context.Context) error {
	for !r.ready {
		if err := asyncio.Sleep(ctx, time.Millisecond); err != nil { // want `asyncio-busy-wait`
			return err
		}
	}
	return nil
}

func main() {
	var r reader
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		watcher := asyncio.Go(ctx, func(ctx context.Context) error { return r.watch(ctx, "config") })
		_ = watcher // want `no one looks at watcher.*asyncio-lost-error`
		return asyncio.WithTimeout(ctx, time.Minute, r.wait)
	})
	if err != nil {
		log.Fatal(err)
	}
	log.Print(len(r.data))
}
