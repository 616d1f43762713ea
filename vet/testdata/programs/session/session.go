// Command session talks to a server, and says goodbye at the end.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

type session struct {
	out  *streams.Writer
	lock asyncio.Lock
}

func (s *session) say(ctx context.Context, text string) error {
	return s.lock.With(ctx, func() error {
		fmt.Fprintln(s.out, text)
		return s.out.Drain(ctx)
	})
}

func (s *session) talk(ctx context.Context) error {
	for i := range 100 {
		err := s.say(ctx, fmt.Sprint("hello ", i))
		if errors.Is(err, asyncio.ErrCanceled) {
			_ = s.say(ctx, "goodbye") // want `asyncio-cleanup-canceled`
			return err
		}
		if err != nil {
			return err
		}
		time.Sleep(time.Second) // want `time.Sleep blocks the event loop in session.talk: use asyncio.Sleep \(asyncio-blocks\)`
	}
	return nil
}

func main() {
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		conn, err := streams.Dial(ctx, "tcp", "127.0.0.1:7000")
		if err != nil {
			return err
		}
		defer conn.Close()
		s := &session{out: streams.NewWriter(conn)}
		return asyncio.WithTimeout(ctx, time.Minute, s.talk)
	})
	if err != nil {
		log.Fatal(err)
	}
}
