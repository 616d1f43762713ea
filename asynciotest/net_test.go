package asynciotest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// echo is a host that sends back what it is sent.
func echo(ctx context.Context) error {
	l, err := streams.Listen(ctx, "tcp", ":7")
	if err != nil {
		return err
	}
	return streams.Serve(ctx, l, func(_ context.Context, c net.Conn) error {
		_, err := io.Copy(c, c)
		return err
	})
}

// ask sends a text to an echo and returns the answer.
func ask(c net.Conn, text string) (string, error) {
	if _, err := io.WriteString(c, text); err != nil {
		return "", err
	}
	answer := make([]byte, len(text))
	_, err := io.ReadFull(c, answer)
	return string(answer), err
}

func elapsed(ctx context.Context) func() time.Duration {
	l := asyncio.RunningLoop(ctx)
	start := l.Now()
	return func() time.Duration { return l.Now().Sub(start) }
}

func expectIs(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %v", what, err, want)
	}
}

func TestLatency(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		server := n.Host("server", echo)
		n.Link(n.Local(), server).Latency(10*time.Millisecond, 10*time.Millisecond)
		n.Link(server, n.Local()).Latency(30*time.Millisecond, 30*time.Millisecond)
		_ = asynciotest.WaitAllBlocked(ctx)
		took := elapsed(ctx)
		c, err := streams.Dial(ctx, "tcp", "server:7")
		if err != nil || took() != 40*time.Millisecond {
			t.Fatalf("a connection took %v, %v", took(), err)
		}
		answer, err := ask(c, "hello")
		if err != nil || answer != "hello" || took() != 80*time.Millisecond {
			t.Errorf("after %v it has answered %q, %v", took(), answer, err)
		}
		expectIs(t, "CloseWrite", c.CloseWrite(), nil)
		if _, err := c.Read(make([]byte, 1)); err != io.EOF || took() != 120*time.Millisecond {
			t.Errorf("the end came after %v, %v", took(), err)
		}
		_ = c.Close()
		_, err = streams.Dial(ctx, "tcp", "server:8")
		expectIs(t, "Dial", err, syscall.ECONNREFUSED)
		if took() != 160*time.Millisecond || err.Error() != "dial tcp 10.0.0.1:8: connect: connection refused" {
			t.Errorf("after %v: %v", took(), err)
		}
	})
}

func TestPartition(t *testing.T) {
	t.Run("lets Dial time out", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			server := n.Host("server", echo)
			_ = asynciotest.WaitAllBlocked(ctx)
			for _, cut := range []func() func(){
				n.Link(n.Local(), server).Partition,
				n.Link(n.Local(), server).PartitionOneWay,
				n.Link(server, n.Local()).PartitionOneWay,
				n.All().Partition,
			} {
				heal, took := cut(), elapsed(ctx)
				_, err := streams.Dial(ctx, "tcp", "server:7")
				expectIs(t, "Dial", err, syscall.ETIMEDOUT)
				if took() != 127*time.Second || !err.(net.Error).Timeout() || !strings.HasSuffix(err.Error(), ":7: connect: connection timed out") {
					t.Errorf("after %v: %v", took(), err)
				}
				took = elapsed(ctx)
				err = asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
					_, err := streams.Dial(ctx, "tcp", "server:7")
					return err
				})
				if !errors.Is(err, asyncio.ErrTimeout) || took() != time.Minute {
					t.Errorf("after %v: %v", took(), err)
				}
				heal()
				heal()
				c, err := streams.Dial(ctx, "tcp", "server:7")
				if err != nil {
					t.Fatal(err)
				}
				_ = c.Close()
			}
		})
	})
	t.Run("lets a Dial come through that is healed in time", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			server := n.Host("server", echo)
			heal := n.Link(n.Local(), server).Partition()
			asyncio.RunningLoop(ctx).CallLater(10*time.Second, heal)
			took := elapsed(ctx)
			c, err := streams.Dial(ctx, "tcp", "server:7")
			if err != nil || took() != 15*time.Second { // 1, 3, 7, 15
				t.Fatalf("after %v: %v", took(), err)
			}
			_ = c.Close()
		})
	})
	t.Run("holds back what is written, and ends the connection of who writes", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			server := n.Host("server", echo)
			link := n.Link(n.Local(), server)
			_ = asynciotest.WaitAllBlocked(ctx)
			c, err := streams.Dial(ctx, "tcp", "server:7")
			if err != nil {
				t.Fatal(err)
			}
			heal, took := link.Partition(), elapsed(ctx)
			asyncio.RunningLoop(ctx).CallLater(5*time.Second, heal)
			answer, err := ask(c, "hello")
			if err != nil || answer != "hello" || took() != 6200*time.Millisecond { // .2, .6, 1.4, 3, 6.2
				t.Errorf("after %v: %q, %v", took(), answer, err)
			}
			heal, took = link.Partition(), elapsed(ctx)
			_, err = ask(c, "hello")
			expectIs(t, "the read", err, syscall.ETIMEDOUT)
			if took() != 102200*time.Millisecond {
				t.Errorf("after %v", took())
			}
			_, err = c.Write([]byte("more"))
			expectIs(t, "a write after that", err, syscall.EPIPE)
			_ = c.Close()
			heal()
		})
	})
	t.Run("one way lets the other through", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			got := ""
			server := n.Host("server", func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err != nil {
					return err
				}
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				b, err := io.ReadAll(c)
				got = string(b)
				return err
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			c, err := streams.Dial(ctx, "tcp", "server:80")
			if err != nil {
				t.Fatal(err)
			}
			n.Link(server, n.Local()).PartitionOneWay()
			_, _ = io.WriteString(c, "one way")
			_ = c.CloseWrite()
			_ = asynciotest.WaitAllBlocked(ctx)
			if got != "one way" {
				t.Errorf("it got %q", got)
			}
			_ = c.Close()
		})
	})
}

func TestReset(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		var end error
		server := n.Host("server", func(ctx context.Context) error {
			l, err := streams.Listen(ctx, "tcp", ":80")
			if err != nil {
				return err
			}
			c, err := l.AcceptContext(ctx)
			if err != nil {
				return err
			}
			_, end = c.Read(make([]byte, 1))
			return nil
		})
		_ = asynciotest.WaitAllBlocked(ctx)
		c, err := streams.Dial(ctx, "tcp", "server:80")
		if err != nil {
			t.Fatal(err)
		}
		n.Link(server, n.Local()).Reset()
		_, err = c.Read(make([]byte, 1))
		expectIs(t, "here", err, syscall.ECONNRESET)
		_ = c.Close()
		server.Stop(ctx)
		expectIs(t, "there", end, syscall.ECONNRESET)
	})
}

// connectedToEcho returns a network with a host that sends back what it is sent, and a
// connection to it.
func connectedToEcho(t *testing.T, ctx context.Context) (*asynciotest.Network, *asynciotest.Host, *streams.Conn) {
	t.Helper()
	n := asynciotest.Net(ctx)
	server := n.Host("server", echo)
	_ = asynciotest.WaitAllBlocked(ctx)
	c, err := streams.Dial(ctx, "tcp", "server:7")
	if err != nil {
		t.Fatal(err)
	}
	return n, server, c
}

func TestBandwidth(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n, server, c := connectedToEcho(t, ctx)
		n.Link(n.Local(), server).Bandwidth(15_000)
		n.Link(server, n.Local()).Latency(time.Millisecond, time.Millisecond)
		took := elapsed(ctx)
		writer := asyncio.Go(ctx, func(context.Context) error {
			_, err := io.WriteString(c, strings.Repeat("x", 146_000)) // 100 segments of 1,500 bytes; more than the window
			return err
		})
		_, err := io.ReadFull(c, make([]byte, 146_000))
		if d := took().Round(100 * time.Millisecond); err != nil || d != 10*time.Second {
			t.Errorf("it took %v, %v", took(), err)
		}
		_, _ = writer.Await(ctx)
		_ = c.Close()
	})
}

func TestLoss(t *testing.T) {
	asynciotest.Explore(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Loss(0.3)
		n.All().Latency(time.Millisecond, 50*time.Millisecond)
		n.Host("server", echo)
		var c net.Conn
		err := errors.New("not yet")
		for err != nil { // with seven lost requests it fails
			c, err = streams.Dial(ctx, "tcp", "server:7")
		}
		text := strings.Repeat("0123456789abcdef", 1<<10)
		if answer, err := ask(c, text); !errors.Is(err, syscall.ETIMEDOUT) && (err != nil || answer != text) {
			t.Errorf("%d bytes came back, %v", len(answer), err)
		}
		_ = c.Close()
	}, asynciotest.Runs(20))
	t.Run("is as likely as it says", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n, server, c := connectedToEcho(t, ctx)
			n.Link(n.Local(), server).Loss(0.3)
			const all = 3000
			late := 0
			for range all {
				took := elapsed(ctx)
				if _, err := ask(c, "x"); err != nil {
					t.Fatal(err)
				}
				if took() > 0 {
					late++
				}
			}
			if sigma := 25.1; float64(late) < 0.3*all-3*sigma || float64(late) > 0.3*all+3*sigma {
				t.Errorf("of %d, %d were late", all, late)
			}
			_ = c.Close()
		})
	})
}

func TestNames(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx, asynciotest.LookupDelay(time.Second))
		n.Host("server", echo, asynciotest.Addr("10.9.8.7"), asynciotest.Addr("fd00::7"))
		_ = asynciotest.WaitAllBlocked(ctx)
		dial := func(want time.Duration) error {
			took := elapsed(ctx)
			c, err := streams.Dial(ctx, "tcp", "server:7")
			if err == nil {
				_ = c.Close()
			}
			if took() != want {
				t.Errorf("it took %v, want %v", took(), want)
			}
			return err
		}
		expectIs(t, "Dial", dial(time.Second), nil)
		n.LookupDelay("server", 0)
		show := n.HideName("Server")
		err := dial(0)
		var dns *net.DNSError
		if !errors.As(err, &dns) || !dns.IsNotFound || err.Error() != "dial tcp: lookup server: no such host" {
			t.Errorf("Dial: %v", err)
		}
		show()
		expectIs(t, "Dial", dial(0), nil)
		n.LookupDelay("server", time.Hour)
		took := elapsed(ctx)
		err = asyncio.WithTimeout(ctx, time.Minute, func(ctx context.Context) error {
			_, err := streams.Dial(ctx, "tcp", "server:7")
			return err
		})
		if !errors.Is(err, asyncio.ErrTimeout) || took() != time.Minute {
			t.Errorf("after %v: %v", took(), err)
		}
	})
}

func TestClocks(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		var first, last time.Time
		start := asyncio.Now(ctx)
		if !start.Equal(asyncio.RunningLoop(ctx).Now()) {
			t.Errorf("it is %v", start)
		}
		h := n.Host("a", func(ctx context.Context) error {
			first = asyncio.Now(ctx)
			err := asyncio.Sleep(ctx, time.Hour)
			last = asyncio.Now(ctx)
			return err
		}, asynciotest.Skew(-time.Minute), asynciotest.Drift(1000))
		if err := asyncio.Sleep(ctx, 2*time.Hour); err != nil {
			t.Error(err)
		}
		if first.Sub(start) != -time.Minute || last.Sub(first) != time.Hour+3600*time.Millisecond {
			t.Errorf("it was %v off, and an hour took %v", first.Sub(start), last.Sub(first))
		}
		h.Stop(ctx)
	})
}

func TestCrash(t *testing.T) {
	t.Run("cuts the host off, and then unwinds its tasks", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			var told []string
			tell := func(what string, err error) { told = append(told, fmt.Sprint(what, ": ", err)) }
			h := n.Host("h", func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err != nil {
					return err
				}
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				defer func() {
					tell("a sleep without cancellation", asyncio.Sleep(context.WithoutCancel(ctx), time.Hour))
					_, err := c.Write([]byte("still here"))
					tell("a write", errors.Unwrap(err))
					_, err = streams.Dial(ctx, "tcp", "localhost:80") //asyncio:ok cleanup-canceled what it returns after the crash is what is tested
					tell("a dial", err)
					_, err = streams.Listen(context.WithoutCancel(ctx), "tcp", ":81")
					tell("a listener", errors.Unwrap(err))
					tell("the cause", context.Cause(ctx))
					panic("in the ruins")
				}()
				return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error {
						err := asyncio.Sleep(ctx, time.Hour)
						tell("a child", err)
						return errors.New("another")
					})
					asyncio.Go(ctx, func(ctx context.Context) error {
						for { // it goes on regardless
							_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
						}
					})
					return asyncio.Sleep(ctx, time.Hour)
				})
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			n.Link(h, n.Local()).Latency(time.Second, time.Second)
			c, err := streams.Dial(ctx, "tcp", "h:80")
			if err != nil {
				t.Fatal(err)
			}
			_ = asynciotest.WaitAllBlocked(ctx)
			took := elapsed(ctx)
			h.Crash()
			h.Crash()
			_, err = c.Read(make([]byte, 1))
			expectIs(t, "the peer's read", err, syscall.ECONNRESET)
			if took() != time.Second {
				t.Errorf("the reset came after %v", took())
			}
			_ = c.Close()
			_, err = streams.Dial(ctx, "tcp", "h:80")
			expectIs(t, "Dial", err, syscall.ECONNREFUSED)
			is := asynciotest.ErrHostCrashed.Error()
			want := []string{
				"a child: " + is, "a sleep without cancellation: " + is, "a write: " + is,
				"a dial: dial tcp: " + is, "a listener: " + is, "the cause: " + is,
			}
			if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
				t.Errorf("its tasks say\n%s", got)
			}
			h.Stop(ctx)
		}, asynciotest.Runs(50))
	})
	t.Run("in Write, Accept and Dial", func(t *testing.T) {
		for name, main := range map[string]func(ctx context.Context) error{
			"Write": func(ctx context.Context) error {
				c, err := streams.Dial(ctx, "tcp", "10.255.255.254:80")
				if err == nil {
					_, err = c.Write(make([]byte, 1<<20))
				}
				return err
			},
			"Accept": func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err == nil {
					_, err = l.Accept()
				}
				return err
			},
			"Dial": func(ctx context.Context) error {
				_, err := streams.Dial(ctx, "tcp", "10.255.255.254:81")
				return err
			},
		} {
			asynciotest.Explore(t, func(ctx context.Context) {
				n := asynciotest.Net(ctx)
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err != nil {
					t.Fatal(err)
				}
				got := asynciotest.ErrHostCrashed // if it does not come to anything
				h := n.Host("h", func(ctx context.Context) error {
					if got = main(ctx); errors.Is(got, syscall.ECONNREFUSED) {
						return nil
					}
					return got
				})
				n.All().Latency(10*time.Millisecond, 50*time.Millisecond)
				_ = asyncio.Sleep(ctx, time.Duration(asynciotest.Rand(ctx).IntN(100))*time.Millisecond)
				if name == "Accept" {
					_ = asyncio.Sleep(ctx, time.Second)
				}
				crashed := elapsed(ctx)
				h.Crash()
				_ = asynciotest.WaitAllBlocked(ctx)
				if !errors.Is(got, asynciotest.ErrHostCrashed) && !errors.Is(got, syscall.ECONNREFUSED) || crashed() != 0 {
					t.Errorf("%s returned %v", name, got)
				}
				_ = l.Close()
			}, asynciotest.Runs(40))
		}
	})
	t.Run("keeps what is on the disk, and nothing that comes later", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			var h *asynciotest.Host
			boots := 0
			h = n.Host("h", func(ctx context.Context) error {
				boots++
				disk := h.Disk()
				disk["boots"] = fmt.Appendf(nil, "%s%d", disk["boots"], boots)
				defer func() {
					copy(disk["boots"], "???")
					disk["later"] = nil
					h.Disk()["later"] = nil
				}()
				return asyncio.Sleep(ctx, time.Hour)
			})
			for range 3 {
				_ = asynciotest.WaitAllBlocked(ctx)
				h.Crash()
				h.Restart()
			}
			_ = asynciotest.WaitAllBlocked(ctx)
			h.Restart()
			_ = asynciotest.WaitAllBlocked(ctx)
			if disk := h.Disk(); len(disk) != 1 || !bytes.Equal(disk["boots"], []byte("12345")) {
				t.Errorf("the disk has %q", disk)
			}
		})
	})
	t.Run("at the end of the test leaves nothing", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			h := asynciotest.Net(ctx).Host("h", func(ctx context.Context) error {
				for { // it goes on regardless
					_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
				}
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			h.Crash()
		})
	})
	t.Run("sends nothing again that was lost", func(t *testing.T) {
		asynciotest.Run(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			var cut func() (heal func())
			h := n.Host("h", func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err != nil {
					return err
				}
				c, err := l.AcceptContext(ctx)
				if err != nil {
					return err
				}
				heal := cut()
				_, err = io.WriteString(c, "lost")
				heal()
				_ = asyncio.Sleep(ctx, time.Hour)
				return err
			})
			cut = n.Link(h, n.Local()).PartitionOneWay
			_ = asynciotest.WaitAllBlocked(ctx)
			c, err := streams.Dial(ctx, "tcp", "h:80")
			if err != nil {
				t.Fatal(err)
			}
			_ = asynciotest.WaitAllBlocked(ctx)
			h.Crash()
			k, err := c.Read(make([]byte, 8))
			expectIs(t, "Read", err, syscall.ECONNRESET)
			if k != 0 {
				t.Errorf("%d bytes came after all", k)
			}
			_ = c.Close()
		})
	})
	t.Run("and Restart on the same address", func(t *testing.T) {
		asynciotest.Explore(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.All().Latency(time.Millisecond, time.Millisecond)
			h := n.Host("h", echo)
			_ = asynciotest.WaitAllBlocked(ctx)
			c, err := streams.Dial(ctx, "tcp", "h:7")
			if err != nil {
				t.Fatal(err)
			}
			heal := n.Link(n.Local(), h).Partition() // the reset gets lost
			h.Crash()
			heal()
			_, err = streams.Dial(ctx, "tcp", "h:7")
			expectIs(t, "Dial", err, syscall.ECONNREFUSED)
			h.Restart()
			_, err = ask(c, "old")
			expectIs(t, "the old connection", err, syscall.ECONNRESET)
			_ = c.Close()
			c, err = streams.Dial(ctx, "tcp", "h:7")
			if err != nil {
				t.Fatal(err)
			}
			if answer, err := ask(c, "new"); err != nil || answer != "new" {
				t.Errorf("%q, %v", answer, err)
			}
			_ = c.Close()
		}, asynciotest.Runs(20))
	})
}

func TestStop(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		ended := false
		h := n.Host("h", func(ctx context.Context) error {
			err := asyncio.Sleep(ctx, time.Hour)
			ended = errors.Is(asyncio.Sleep(context.WithoutCancel(ctx), time.Second), nil)
			return err
		})
		_ = asynciotest.WaitAllBlocked(ctx)
		h.Stop(ctx)
		h.Stop(ctx)
		if !ended {
			t.Error("it was not let end")
		}
		h.Restart()
		_ = asynciotest.WaitAllBlocked(ctx)
	})
}

func TestFailuresOfHosts(t *testing.T) {
	with := func(main func(ctx context.Context) error) func(ctx context.Context) {
		return func(ctx context.Context) {
			asynciotest.Net(ctx).Host("h", main)
			_ = asyncio.Sleep(ctx, time.Second)
		}
	}
	inRun(t, with(func(context.Context) error { return errors.New("oh no") }), "host h: main returned: oh no")
	inRun(t, with(func(context.Context) error { panic("oh no") }), "panic in task h", "oh no")
	inRun(t, with(func(ctx context.Context) error {
		asyncio.Go(ctx, func(ctx context.Context) error { return errors.New("unseen") })
		return asyncio.Sleep(ctx, time.Minute)
	}), "unseen")
	mustPass(t, func(f *fakeTB) { asynciotest.Run(f, with(asyncio.Yield)) })
	mustPass(t, func(f *fakeTB) {
		asynciotest.Run(f, with(func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) })
			return nil
		}))
	})
}

func TestMisuseOfNet(t *testing.T) {
	expectPanic := func(want string, fn func()) {
		t.Helper()
		defer func() {
			t.Helper()
			if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "asynciotest: ") || !strings.Contains(fmt.Sprint(p), want) {
				t.Errorf("it panics with %v, want %q", p, want)
			}
		}()
		fn()
	}
	expectPanic("Net outside of Run", func() { asynciotest.Net(t.Context()) })
	expectPanic("Addr", func() { asynciotest.Addr("nonsense") })
	var foreign *asynciotest.Host
	asynciotest.Run(t, func(ctx context.Context) { foreign = asynciotest.Net(ctx).Host("a", asyncio.Yield) })
	asynciotest.Run(t, func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		if n != asynciotest.Net(ctx) {
			t.Error("there are two networks")
		}
		a := n.Host("a", asyncio.Yield)
		link := n.Link(a, n.Local())
		expectPanic("nil main", func() { n.Host("b", nil) })
		expectPanic(`there is a host "a" already`, func() { n.Host("a", asyncio.Yield) })
		expectPanic("10.0.0.1 is taken", func() { n.Host("b", asyncio.Yield, asynciotest.Addr("10.0.0.1")) })
		expectPanic("two hosts", func() { n.Link(a, a) })
		expectPanic("two hosts", func() { n.Link(a, nil) })
		expectPanic("another run", func() { n.Link(a, foreign) })
		expectPanic("the longest", func() { link.Latency(2, 1) })
		expectPanic("not negative", func() { link.Latency(-1, 1) })
		expectPanic("a probability", func() { link.Loss(1.1) })
		expectPanic("how many bytes", func() { link.Bandwidth(-1) })
		expectPanic("has no main", func() { n.Local().Crash() })
		expectPanic("has no main", func() { n.Local().Disk() })
		expectPanic("has no main", func() { n.Local().Stop(ctx) })
		expectPanic("has no main", func() { n.Local().Restart() })
	})
}
