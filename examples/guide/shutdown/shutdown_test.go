package shutdown

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// A connection that is in use when the signal comes is served to its end.
func TestServeEndsInOrder(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("skipped: a process cannot interrupt itself here")
	}
	err := asyncio.Run(t.Context(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", "localhost:0")
		if err != nil {
			return err
		}
		var connected asyncio.Event
		server := asyncio.Go(ctx, func(ctx context.Context) error {
			return serve(ctx, l, func(ctx context.Context, conn net.Conn) error {
				connected.Set()
				line, err := bufio.NewReader(conn).ReadString('\n')
				if err == nil {
					_, err = fmt.Fprint(conn, "you said ", line)
				}
				return err
			})
		})
		conn, err := streams.Dial(ctx, "tcp", l.Addr().String())
		if err != nil {
			return err
		}
		if err := connected.Wait(ctx); err != nil {
			return err
		}
		this, err := os.FindProcess(os.Getpid())
		if err != nil {
			return err
		}
		if err := this.Signal(os.Interrupt); err != nil {
			return err
		}
		for { // until it accepts no more
			other, err := streams.Dial(ctx, "tcp", l.Addr().String())
			if err != nil {
				break
			}
			_ = other.Close()
			if err := asyncio.Yield(ctx); err != nil {
				return err
			}
		}
		fmt.Fprintln(conn, "hello")
		answer, err := bufio.NewReader(conn).ReadString('\n')
		if err != nil || answer != "you said hello\n" {
			t.Error(answer, err)
		}
		_, err = server.Await(ctx)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

func TestDrain(t *testing.T) {
	for _, test := range []struct {
		takes time.Duration
		done  int
	}{{time.Second, 6}, {time.Minute, 0}} {
		asynciotest.Explore(t, func(ctx context.Context) {
			var done []string
			d := &desk{jobs: asyncio.NewQueue[string](0), do: func(ctx context.Context, job string) error {
				if err := asyncio.Sleep(ctx, test.takes); err != nil {
					return err
				}
				done = append(done, job)
				return nil
			}}
			for i := range 6 {
				_ = d.jobs.TryPut(fmt.Sprint(i))
			}
			var quit asyncio.Event
			quit.Set()
			start := asyncio.RunningLoop(ctx).Now()
			err := d.run(ctx, &quit)
			slices.Sort(done)
			if took := asyncio.RunningLoop(ctx).Now().Sub(start); err != nil || len(done) != test.done || took > 20*time.Second {
				t.Errorf("%v: %v after %v, %v", test.takes, done, took, err)
			}
		})
	}
}

func TestCleanup(t *testing.T) {
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		isOpen := false
		err := withFile(ctx, func(ctx context.Context) (func(context.Context) error, error) {
			isOpen = true
			return func(ctx context.Context) error {
				err := asyncio.Sleep(ctx, time.Millisecond)
				isOpen = isOpen && err != nil
				return err
			}, nil
		}, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
		if isOpen {
			t.Error("the file was not closed", err)
		}
		if err == nil {
			err = asyncio.Yield(ctx) // where a cancellation during the clean-up is noticed
		}
		return err
	})
	asynciotest.Run(t, func(ctx context.Context) {
		failed := errors.New("no such file")
		err := withFile(ctx, func(context.Context) (func(context.Context) error, error) { return nil, failed }, nil)
		if err != failed {
			t.Error(err)
		}
	})
}
