// Command bank moves money between accounts.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/asyncio-go/asyncio"
)

type account struct {
	asyncio.Lock
	balance int
}

var errTooLittle = errors.New("there is too little")

func transfer(ctx context.Context, from, to *account, amount int) error {
	if err := from.Acquire(ctx); err != nil { // want `asyncio-lock-leak`
		return err
	}
	if from.balance < amount {
		return errTooLittle
	}
	if err := to.Acquire(ctx); err != nil { // want `asyncio-lock-leak`
		return err
	}
	if err := asyncio.Yield(ctx); err != nil { // ask the other bank
		return err
	}
	from.balance -= amount
	to.balance += amount
	to.Release()
	from.Release()
	return nil
}

func main() {
	a, b := &account{balance: 100}, &account{}
	err := asyncio.Run(context.Background(), func(ctx context.Context) error {
		moved, _ := asyncio.GatherSettled(ctx, // want `the error of asyncio.GatherSettled is lost.*asyncio-lost-error`
			asyncio.Coro[struct{}](func(ctx context.Context) (struct{}, error) { return struct{}{}, transfer(ctx, a, b, 70) }),
			asyncio.Coro[struct{}](func(ctx context.Context) (struct{}, error) { return struct{}{}, transfer(ctx, a, b, 70) }))
		fmt.Println(len(moved), a.balance, b.balance)
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}
}
