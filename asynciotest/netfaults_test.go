package asynciotest_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// lossy is a program that goes wrong if an answer comes late: because of the network's
// chance, of its own, and of the order of its tasks.
func lossy(f *fakeTB, draws *[]int) func(ctx context.Context) {
	return func(ctx context.Context) {
		n := asynciotest.Net(ctx)
		n.All().Latency(time.Millisecond, 20*time.Millisecond)
		n.All().Loss(0.1)
		n.Host("server", echo)
		clients := make([]*asyncio.Future[string], 2)
		for i := range clients {
			clients[i] = asyncio.NewFuture[string](ctx)
			n.Host(fmt.Sprint("client", i), func(ctx context.Context) error {
				for {
					c, err := streams.Dial(ctx, "tcp", "server:7") //asyncio:ok swallowed-cancel a host is not canceled, it crashes
					if err != nil {
						continue
					}
					*draws = append(*draws, asynciotest.Rand(ctx).IntN(1000))
					answer, err := ask(c, fmt.Sprint(i))
					_ = c.Close()
					if err == nil {
						return clients[i].SetResult(answer)
					}
				}
			})
		}
		took := elapsed(ctx)
		_, _ = clients[0].Await(ctx)
		first := took()
		_, _ = clients[1].Await(ctx)
		if first > took() || took() > time.Second {
			f.Errorf("the answers came after %v and %v, drawn %v", first, took(), *draws)
		}
	}
}

func TestExploreWithFaults(t *testing.T) {
	explore := func(opts ...asynciotest.Option) *fakeTB {
		var draws []int
		return on(t, func(f *fakeTB) {
			asynciotest.ExploreTB(f, func(ctx context.Context) {
				draws = nil
				lossy(f, &draws)(ctx)
			}, opts)
		})
	}
	found := explore()
	if !found.Failed() {
		t.Fatal("it found nothing")
	}
	if again := explore(); again.output() != found.output() {
		t.Errorf("with the same seed, it went\n%s\nand then\n%s", found.output(), again.output())
	}
	if other := explore(asynciotest.Seed(7)); other.output() == found.output() {
		t.Error("another seed makes no difference")
	}
	defer asynciotest.Replay(scheduleOf(t, found))()
	replayed := explore()
	story := func(f *fakeTB) string { return strings.Join(f.logs[:1], "\n") + timelineOf(f.output()) }
	if !replayed.Failed() || story(replayed) != story(found) {
		t.Errorf("the recording\n%s\nand the replay\n%s", found.output(), replayed.output())
	}
}

// timelineOf returns the part of a report with the steps.
func timelineOf(report string) string {
	_, steps, _ := strings.Cut(report, "what led to it:\n")
	steps, _, _ = strings.Cut(steps, "to replay it")
	return steps
}

func TestNetworkLeavesRandAlone(t *testing.T) {
	draw := func(faults bool) (n int) {
		asynciotest.Run(t, func(ctx context.Context) {
			if faults {
				n := asynciotest.Net(ctx)
				n.All().Latency(time.Millisecond, time.Second)
				n.Host("server", echo)
				_ = asynciotest.WaitAllBlocked(ctx)
				c, err := streams.Dial(ctx, "tcp", "server:7")
				if err != nil {
					t.Fatal(err)
				}
				_, _ = ask(c, "hello")
				_ = c.Close()
			}
			n = asynciotest.Rand(ctx).Int()
		})
		return n
	}
	if draw(true) != draw(false) {
		t.Error("a latency shifts what the program draws")
	}
}

func TestHTTPAndTLSBetweenHosts(t *testing.T) {
	// only its certificate is of use
	real := httptest.NewUnstartedServer(nil)
	real.StartTLS()
	certificates := real.TLS.Certificates
	real.Close()
	for _, secure := range []bool{false, true} {
		asynciotest.Explore(t, func(ctx context.Context) {
			n := asynciotest.Net(ctx)
			n.All().Latency(5*time.Millisecond, 50*time.Millisecond)
			n.All().Loss(0.05)
			n.Host("web", func(ctx context.Context) error {
				l, err := streams.Listen(ctx, "tcp", ":80")
				if err != nil {
					return err
				}
				return streams.Serve(ctx, l, func(ctx context.Context, c net.Conn) error {
					if secure {
						var err error
						if c, err = streams.StartTLS(ctx, c, &tls.Config{Certificates: certificates}, streams.Server); err != nil {
							return err
						}
					}
					r, err := http.ReadRequest(bufio.NewReader(c))
					if err != nil {
						return err
					}
					_, err = fmt.Fprintf(c, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(r.URL.Path), r.URL.Path)
					return err
				})
			})
			_ = asynciotest.WaitAllBlocked(ctx)
			dial := func() (net.Conn, error) {
				if secure {
					return streams.DialTLS(ctx, "tcp", "web:80", &tls.Config{InsecureSkipVerify: true}) // the name is not that of the certificate
				}
				return streams.Dial(ctx, "tcp", "web:80")
			}
			c, err := dial()
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, _ = io.WriteString(c, "GET /hello HTTP/1.1\r\nHost: web\r\n\r\n")
			answer, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			if body, err := io.ReadAll(answer.Body); string(body) != "/hello" || err != nil {
				t.Errorf("%q, %v", body, err)
			}
		}, asynciotest.Runs(20))
	}
}

func TestNetworkIsCanceledAnywhere(t *testing.T) {
	asynciotest.AssertCancelable(t, func(ctx context.Context) error {
		n := asynciotest.Net(ctx)
		n.All().Latency(time.Millisecond, time.Millisecond)
		n.Host("server", echo)
		c, err := streams.Dial(ctx, "tcp", "server:7")
		for ; err != nil; c, err = streams.Dial(ctx, "tcp", "server:7") {
			if errors.Is(err, asyncio.ErrCanceled) {
				return err
			}
		}
		defer c.Close()
		_, err = ask(c, "hello")
		return err
	})
}

// A crash ends every wait, whatever it is for.
func TestCrashInEveryWait(t *testing.T) {
	hour := func(ctx context.Context) error { return asyncio.Sleep(ctx, time.Hour) }
	for name, wait := range map[string]func(ctx context.Context) error{
		"Sleep":         hour,
		"WithoutCancel": func(ctx context.Context) error { return hour(context.WithoutCancel(ctx)) },
		"WithTimeout": func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Minute, hour)
		},
		"twice in a scope that outlives its context": func(ctx context.Context) error {
			return asyncio.WithTimeout(context.WithoutCancel(ctx), 3*time.Hour, func(ctx context.Context) error {
				_ = hour(ctx)
				return hour(ctx)
			})
		},
		"Select after that": func(ctx context.Context) error {
			return asyncio.WithTimeout(context.WithoutCancel(ctx), 3*time.Hour, func(ctx context.Context) error {
				_ = hour(ctx)
				_, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.After(time.Hour))
				return err
			})
		},
		"context.WithTimeout": func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			return hour(ctx)
		},
		"Event": func(ctx context.Context) error { return new(asyncio.Event).Wait(ctx) },
		"Queue": func(ctx context.Context) error {
			_, err := asyncio.NewQueue[int](1).Get(ctx)
			return err
		},
		"Condition": func(ctx context.Context) error {
			var c asyncio.Condition
			return c.With(ctx, func() error { return c.Wait(ctx) })
		},
		"Select": func(ctx context.Context) error {
			_, err := asyncio.Select(ctx, new(asyncio.Event).OnSet(), asyncio.After(time.Hour))
			return err
		},
		"Await": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, hour).Await(ctx)
			return err
		},
		"Shield": func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, asyncio.Go(ctx, hour))
			return err
		},
		"Start": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
				err := asyncio.StartFunc(ctx, tg, func(ctx context.Context, _ func()) error { return hour(ctx) })
				expectIs(t, "Start", err, asynciotest.ErrHostCrashed)
				return err
			})
		},
		"WaitFor": func(ctx context.Context) error {
			_, err := asyncio.WaitFor(ctx, asyncio.NewFuture[int](ctx), time.Minute)
			return err
		},
		"Gather": func(ctx context.Context) error {
			sleep := asyncio.Coro[int](func(ctx context.Context) (int, error) { return 0, hour(ctx) })
			_, err := asyncio.Gather(ctx, sleep, sleep)
			return err
		},
		"WithTaskGroup": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(hour)
				tg.Go(func(ctx context.Context) error { return hour(context.WithoutCancel(ctx)) })
				return nil
			})
		},
		"Yield": func(ctx context.Context) error {
			for {
				if err := asyncio.Yield(ctx); err != nil {
					return err
				}
			}
		},
		"Receive": func(ctx context.Context) error {
			_, _, err := asyncio.Receive(ctx, make(chan int))
			return err
		},
		"ToThread": func(ctx context.Context) error {
			return asyncio.ToThreadFunc(ctx, func(ctx context.Context) error {
				<-ctx.Done()
				return context.Cause(ctx)
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			asynciotest.Explore(t, func(ctx context.Context) {
				n := asynciotest.Net(ctx)
				got, still := errors.New("it has not ended"), errors.New("it has not ended")
				begun := false
				h := n.Host("h", func(ctx context.Context) error {
					defer func() { still = wait(ctx) }()
					begun = true
					got = wait(ctx)
					return got
				})
				for !begun {
					_ = asyncio.Yield(ctx)
				}
				for range asynciotest.Rand(ctx).IntN(4) {
					_ = asyncio.Yield(ctx)
				}
				took := elapsed(ctx)
				h.Crash()
				_ = asynciotest.WaitAllBlocked(ctx)
				want := asynciotest.ErrHostCrashed
				if name == "WithTaskGroup" || name == "Start" { // which has waited for its children, and was canceled
					want = asyncio.ErrCanceled
				}
				expectIs(t, "the wait", got, want)
				expectIs(t, "a wait in a deferred function", still, want)
				if took() != 0 || len(asyncio.AllTasks(ctx)) != 1 {
					t.Errorf("it took %v, and there are %v", took(), asyncio.AllTasks(ctx))
				}
			}, asynciotest.Runs(20))
		})
	}
}
