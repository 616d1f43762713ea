// Package shield is a lesson: to give up the wait, not the work.
package shield

import (
	"context"
	"errors"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
)

//tour:begin

func send(what string, d time.Duration) asyncio.Coro[string] {
	return func(ctx context.Context) (string, error) {
		if err := asyncio.Sleep(ctx, d); err != nil {
			lesson.Println(ctx, what+": canceled")
			return "", err
		}
		lesson.Println(ctx, what+": sent")
		return "the receipt of the " + what, nil
	}
}

func main(ctx context.Context) error {
	d := lesson.Duration(ctx, "send", 2*time.Second)
	patience := lesson.Duration(ctx, "patience", 500*time.Millisecond)
	letter := asyncio.CreateTask(ctx,
		send("letter", d), asyncio.Name("letter"))
	payment := asyncio.CreateTask(ctx,
		send("payment", d), asyncio.Name("payment"))
	//tour:focus
	_, err := asyncio.WaitFor(ctx, letter, patience)
	//tour:end
	if !errors.Is(err, asyncio.ErrTimeout) {
		return err
	}
	lesson.Println(ctx, "main: waits no more for the letter")
	//tour:focus
	shielded := func(ctx context.Context) (string, error) {
		return asyncio.Shield(ctx, payment)
	}
	_, err = asyncio.WaitFor(ctx, asyncio.Coro[string](shielded), patience)
	//tour:end
	if !errors.Is(err, asyncio.ErrTimeout) {
		return err
	}
	lesson.Println(ctx, "main: waits no more for the payment")
	receipt, err := payment.Await(ctx)
	if err != nil {
		return err
	}
	lesson.Println(ctx, "main: has", receipt)
	return nil
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
