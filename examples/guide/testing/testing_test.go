package testing

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/adapters/asynciohttp"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// ANCHOR: retry
// retry calls fn until it succeeds, at most n times, with pauses that double.
func retry(ctx context.Context, n int, pause time.Duration, fn func(ctx context.Context) error) (err error) {
	for range n {
		if err = fn(ctx); err == nil {
			return nil
		}
		if err := asyncio.Sleep(ctx, pause); err != nil {
			return err
		}
		pause *= 2
	}
	return fmt.Errorf("%d attempts: %w", n, err)
}

// ANCHOR_END: retry

// ANCHOR: clock
func TestRetryPauses(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		loop := asyncio.RunningLoop(ctx)
		start := loop.Now()
		broken := errors.New("broken")
		err := retry(ctx, 6, time.Minute, func(context.Context) error { return broken })
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		if waited := loop.Now().Sub(start); waited != 63*time.Minute {
			t.Errorf("it waited %v", waited) // of which the test takes nothing
		}
	})
}

// ANCHOR_END: clock

// ANCHOR: till
// A till takes money for tickets, of which there are only some.
type till struct {
	lock    asyncio.Lock
	tickets int
	charge  func(ctx context.Context) error // asks the bank
}

func (s *till) buy(ctx context.Context) (bool, error) {
	sold := false
	err := s.lock.With(ctx, func() error {
		if s.tickets == 0 {
			return nil
		}
		if err := s.charge(ctx); err != nil {
			return err
		}
		s.tickets--
		sold = true
		return nil
	})
	return sold, err
}

// ANCHOR_END: till

// ANCHOR: explore
func TestNoTicketIsSoldTwice(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		s := &till{tickets: 2, charge: func(ctx context.Context) error {
			return asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(3))*time.Second)
		}}
		sold := 0
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			for range 3 {
				tg.Go(func(ctx context.Context) error {
					ok, err := s.buy(ctx)
					if ok {
						sold++
					}
					return err
				})
			}
			return nil
		})
		if err != nil || sold != 2 || s.tickets != 0 {
			t.Errorf("%d sold, %d left, %v", sold, s.tickets, err)
		}
	})
}

// ANCHOR_END: explore

// ANCHOR: cancelable
func TestBuyingCanBeCanceledAnywhere(t *testing.T) {
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		s := &till{tickets: 1, charge: func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Second) }}
		sold, err := s.buy(ctx)
		if sold != (s.tickets == 0) || s.lock.Locked() {
			t.Errorf("sold: %v, %d left, locked: %v", sold, s.tickets, s.lock.Locked())
		}
		return err
	})
}

// ANCHOR_END: cancelable

// greet answers a name with a greeting.
func greet(ctx context.Context, conn net.Conn) error {
	var name []byte
	err := asyncio.WithTimeout(ctx, time.Hour, func(context.Context) (err error) {
		name, err = streams.NewReader(conn, 0).ReadLine()
		return err
	})
	if errors.Is(err, asyncio.ErrTimeout) {
		_, err = fmt.Fprintln(conn, "too late")
		return err
	}
	if err == nil {
		_, err = fmt.Fprintf(conn, "hello %s\n", name)
	}
	return err
}

// ANCHOR: server
func TestSlowClientIsCutOff(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		l, err := streams.Listen(ctx, "tcp", "localhost:7777")
		if err != nil {
			t.Fatal(err)
		}
		server := asyncio.Go(ctx, func(ctx context.Context) error { return streams.Serve(ctx, l, greet) })
		conn, err := streams.Dial(ctx, "tcp", "localhost:7777")
		if err != nil {
			t.Fatal(err)
		}
		_ = asyncio.Sleep(ctx, 2*time.Hour) // the server waits for an hour
		if answer, err := io.ReadAll(conn); err != nil || string(answer) != "too late\n" {
			t.Errorf("%q, %v", answer, err)
		}
		server.Cancel()
		if _, err := server.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
	})
}

// ANCHOR_END: server

// ANCHOR: http
func TestAnswerTakesAnHour(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		l, err := streams.Listen(ctx, "tcp", "localhost:80")
		if err != nil {
			t.Fatal(err)
		}
		server := &http.Server{Handler: asynciohttp.Handler(ctx, func(ctx context.Context, w http.ResponseWriter, _ *http.Request) error {
			if err := asyncio.Sleep(ctx, time.Hour); err != nil {
				return err
			}
			_, err := fmt.Fprint(w, "done")
			return err
		})}
		serving := asyncio.Go(ctx, func(ctx context.Context) error { return asynciohttp.Serve(ctx, server, l) })
		client := &http.Client{Transport: &http.Transport{DialContext: streams.DialContext}}
		body, err := asyncio.ToThread(ctx, func(ctx context.Context) ([]byte, error) {
			request, err := http.NewRequestWithContext(ctx, "GET", "http://localhost/", nil)
			if err != nil {
				return nil, err
			}
			answer, err := client.Do(request)
			if err != nil {
				return nil, err
			}
			defer answer.Body.Close()
			return io.ReadAll(answer.Body)
		})
		if err != nil || string(body) != "done" {
			t.Errorf("%q, %v", body, err)
		}
		serving.Cancel()
		if _, err := serving.Await(ctx); !errors.Is(err, asyncio.ErrCanceled) {
			t.Error(err)
		}
	})
}

// ANCHOR_END: http

// ANCHOR: pipe
func TestGreeting(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		here, there := asynciotest.Pipe(ctx)
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			defer there.Close()
			name, err := bufio.NewReader(there).ReadString('\n')
			if err == nil {
				_, err = fmt.Fprintf(there, "hello %s", name)
			}
			return err
		})
		fmt.Fprintln(here, "Ann")
		answer, err := bufio.NewReader(here).ReadString('\n')
		if err != nil || answer != "hello Ann\n" {
			t.Error(answer, err)
		}
		if _, err := server.Await(ctx); err != nil {
			t.Error(err)
		}
	})
}

// ANCHOR_END: pipe

// ANCHOR: blocked
func TestSecondWaitsForTheFirst(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		var bank asyncio.Event
		s := &till{tickets: 2, charge: bank.Wait}
		first := asyncio.CreateTask(ctx, s.buy)
		second := asyncio.CreateTask(ctx, s.buy)
		_ = asynciotest.WaitAllBlocked(ctx) // both have come as far as they can
		if s.tickets != 2 || first.Done() || second.Done() {
			t.Error("one of them did not wait")
		}
		bank.Set()
		if _, err := asyncio.Gather(ctx, asyncio.Awaitables([]*asyncio.Task[bool]{first, second})...); err != nil {
			t.Error(err)
		}
	})
}

// ANCHOR_END: blocked

// ANCHOR: hosts
func TestClientTriesAgain(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Latency(time.Millisecond, 20*time.Millisecond)
		server := n.Host("server", func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":7777")
			if err != nil {
				return err
			}
			return streams.Serve(ctx, l, greet)
		})
		chance, loop := asynciotest.Rand(ctx), asyncio.RunningLoop(ctx)
		heal := n.Link(n.Local(), server).Partition()
		loop.CallLater(time.Duration(chance.IntN(3000))*time.Millisecond, heal)
		loop.CallLater(time.Duration(chance.IntN(3000))*time.Millisecond, server.Restart)
		err := retry(ctx, 5, time.Second, func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Second, func(ctx context.Context) error {
				return sayHello(ctx, "server:7777")
			})
		})
		if err != nil {
			t.Error(err)
		}
	})
}

// ANCHOR_END: hosts

// sayHello connects to a server and expects an answer.
func sayHello(ctx context.Context, address string) error {
	conn, err := streams.Dial(ctx, "tcp", address)
	if err != nil {
		return err
	}
	defer conn.Close()
	if _, err := fmt.Fprintln(conn, "Ann"); err != nil {
		return err
	}
	_, err = bufio.NewReader(conn).ReadString('\n')
	return err
}
