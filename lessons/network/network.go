// Package network is a lesson: two hosts, and a network that loses an answer.
package network

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/lessons/lesson"
	"github.com/asyncio-go/asyncio/streams"
)

//tour:begin

type account struct {
	balance int
	paid    map[string]bool // the orders that were paid
}

func (a *account) pay(ctx context.Context, conn net.Conn) error {
	line, err := streams.NewReader(conn, 0).ReadLine()
	if err != nil {
		return err
	}
	order := string(line)
	if !(lesson.Bool(ctx, "once", false) && a.paid[order]) {
		a.balance, a.paid[order] = a.balance-30, true
	}
	lesson.Println(ctx, "bank: the balance is", a.balance)
	fmt.Fprintln(conn, "paid")
	return nil
}

func bank(ctx context.Context) error {
	l, err := streams.Listen(ctx, "tcp", ":80")
	if err != nil {
		return err
	}
	a := &account{balance: 100, paid: map[string]bool{}}
	return streams.Serve(ctx, l, a.pay)
}

func ask(ctx context.Context) error {
	conn, err := streams.Dial(ctx, "tcp", "bank:80")
	if err != nil {
		return err
	}
	defer conn.Close()
	fmt.Fprintln(conn, "order 7")
	_, err = streams.NewReader(conn, 0).ReadLine()
	return err
}

func shop(ctx context.Context) error {
	for {
		//tour:focus
		err := asyncio.WithTimeout(ctx, time.Second, ask)
		//tour:end
		if err == nil {
			lesson.Println(ctx, "shop: the order is paid")
		}
		if !errors.Is(err, asyncio.ErrTimeout) {
			return err
		}
		lesson.Println(ctx, "shop: no answer, once more")
	}
}

func main(ctx context.Context) error {
	lost := lesson.Duration(ctx, "lost", 700*time.Millisecond)
	//tour:focus
	network := lesson.Net(ctx) // in a test: asynciotest.Net
	network.Latency(100 * time.Millisecond)
	b, s := network.Host("bank", bank), network.Host("shop", shop)
	_ = asyncio.Sleep(ctx, 250*time.Millisecond)
	heal := network.Cut(b, s) // answers are lost from now on
	_ = asyncio.Sleep(ctx, lost)
	heal()
	//tour:end
	return asyncio.Sleep(ctx, 1950*time.Millisecond)
}

// Run is asyncio.Run(ctx, main) with the eyes of the tour.
func Run(ctx context.Context) error {
	return asyncio.Run(ctx, main, lesson.Options(ctx)...)
}
