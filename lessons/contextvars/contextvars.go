// Package contextvars is a lesson: what a task knows without being told.
package contextvars

import (
	"context"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

type user struct{} // the key: a type of one's own, so nobody else has it

// log knows for whom it is called, though nobody hands that on to it.
func log(ctx context.Context, what string) {
	lesson.Printf(ctx, "%v: %s\n", ctx.Value(user{}), what)
}

func request(d time.Duration) func(context.Context) error {
	return func(ctx context.Context) error {
		log(ctx, "the request begins")
		mail := asyncio.Go(ctx, send, asyncio.Name("mail"))
		if err := asyncio.Sleep(ctx, d); err != nil {
			return err
		}
		log(ctx, "the request ends")
		_, err := mail.Await(ctx)
		return err
	}
}

func send(ctx context.Context) error {
	log(ctx, "a mail is sent")
	return nil
}

func main(ctx context.Context) error {
	d := lesson.Duration(ctx, "takes", 500*time.Millisecond)
	//tour:focus
	ctx = context.WithValue(ctx, user{}, "Ada")
	first := asyncio.Go(ctx, request(2*d), asyncio.Name("first"))
	ctx = context.WithValue(ctx, user{}, "Bob")
	second := asyncio.Go(ctx, request(d), asyncio.Name("second"))
	ctx = context.WithValue(ctx, user{}, lesson.Choice(ctx, "last", "Cid"))
	//tour:end
	log(ctx, "main waits")
	_, err := asyncio.Gather(ctx, first, second)
	return err
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
