package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// explodes is a task that panics after a step.
func explodes(ctx context.Context) error {
	_ = asyncio.Yield(ctx)
	explode()
	return nil
}

// runPanics runs main, expects that Run panics with what explode panics with,
// and returns what was reported.
func runPanics(t *testing.T, main mainFunc) []asyncio.ExceptionContext {
	t.Helper()
	asynctest.NothingIsLeft(t)
	var heard asynctest.Reports
	value := asynctest.PanicOf(func() { _ = asynctest.Run(t.Context(), main, asynctest.VirtualTime(), heard.Option()) })
	p, ok := value.(*asyncio.PanicError)
	if !ok || p.Value != "bang" {
		t.Fatalf("Run panicked with %v", value)
	}
	if !strings.Contains(string(p.Stack), "asyncio_test.explode") {
		t.Errorf("the stack does not name the function:\n%s", p.Stack)
	}
	return heard.List()
}

func TestPanicComesUpToRun(t *testing.T) {
	ways := map[string]mainFunc{
		"from main": explodes,
		"from main before its first suspension": func(context.Context) error {
			explode()
			return nil
		},
		"from a task that main awaits": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, explodes).Await(ctx)
			return err
		},
		"from an eager task": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, explodes, asyncio.Eager()).Await(ctx)
			return err
		},
		"from the first step of an eager task": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, func(context.Context) error { explode(); return nil }, asyncio.Eager()).Await(ctx)
			return err
		},
		"through a group": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(explodes)
				return nil
			})
		},
		"through nested groups": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, outer *asyncio.TaskGroup) error {
				outer.Go(func(ctx context.Context) error {
					return asyncio.WithTaskGroup(ctx, func(_ context.Context, inner *asyncio.TaskGroup) error {
						inner.Go(explodes)
						return nil
					})
				})
				return nil
			})
		},
		"through Gather": func(ctx context.Context) error {
			_, err := asyncio.Gather(ctx, asyncio.Awaitables([]*asyncio.Task[struct{}]{asyncio.Go(ctx, explodes)})...)
			return err
		},
		"through Shield": func(ctx context.Context) error {
			_, err := asyncio.Shield(ctx, asyncio.Go(ctx, explodes))
			return err
		},
		"through WaitFor": func(ctx context.Context) error {
			_, err := asyncio.WaitFor(ctx, asyncio.Go(ctx, explodes), time.Second)
			return err
		},
		"from the body of a group": func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, _ *asyncio.TaskGroup) error { return explodes(ctx) })
		},
		"from the body of a timeout": func(ctx context.Context) error {
			return asyncio.WithTimeout(ctx, time.Second, explodes)
		},
		"joined with another error": func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, explodes).Await(ctx)
			return errors.Join(errBoom, err)
		},
	}
	for way, main := range ways {
		t.Run(way, func(t *testing.T) {
			heard := runPanics(t, main)
			if len(heard) != 1 {
				t.Fatalf("there are %d reports: %v", len(heard), heard)
			}
			c := heard[0]
			if _, ok := c.Err.(*asyncio.PanicError); !ok || !strings.Contains(c.Message, "panic in task "+c.Task.Name) {
				t.Errorf("the report is %+v", c)
			}
			if !strings.Contains(string(c.Stack), "asyncio_test.explode") {
				t.Errorf("the report's stack does not name the function:\n%s", c.Stack)
			}
		})
	}
}

func TestPanicInATask(t *testing.T) {
	t.Run("is reported at once, before anyone awaits it", func(t *testing.T) {
		var d asynctest.Logbook
		_ = asynctest.PanicOf(func() {
			_ = asynctest.Run(t.Context(), func(ctx context.Context) error {
				task := asyncio.Go(ctx, explodes)
				asynctest.Settle(ctx)
				d.Add("awaits")
				_, err := task.Await(ctx)
				return err
			}, asyncio.OnException(func(asyncio.ExceptionContext) { d.Add("reported") }))
		})
		d.Expect(t, "reported", "awaits")
	})
	t.Run("that someone stops on the way does not make Run panic", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			_, err := asyncio.Go(ctx, explodes).Await(ctx)
			if p, ok := errors.AsType[*asyncio.PanicError](err); !ok || p.Value != "bang" {
				t.Errorf("the task ended with %v", err)
			}
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "panic in task Task-2: bang")
	})
	t.Run("that no one looks at is reported once and does not make Run panic", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, explodes)
			letPass(ctx, 3)
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "panic in task Task-2: bang")
	})
	t.Run("in the clean-up at Run's end is reported once", func(t *testing.T) {
		asynctest.NothingIsLeft(t)
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			asyncio.Go(ctx, func(ctx context.Context) error {
				defer explode()
				return asynctest.SleepForever(ctx)
			})
			return asyncio.Yield(ctx)
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		heard.Expect(t, "panic in task Task-2: bang")
	})
	t.Run("of the runtime keeps its value", func(t *testing.T) {
		var heard asynctest.Reports
		v := asynctest.PanicOf(func() {
			_ = asynctest.Run(t.Context(), func(context.Context) error {
				none := []int{}
				none[len(none)]++
				return nil
			}, heard.Option())
		})
		p, ok := v.(*asyncio.PanicError)
		if !ok {
			t.Fatalf("Run panicked with %v", v)
		}
		if _, ok := p.Value.(runtime.Error); !ok {
			t.Errorf("the value is %T", p.Value)
		}
	})
	t.Run("runs the deferred functions, which may wait", func(t *testing.T) {
		var d asynctest.Logbook
		runPanics(t, func(ctx context.Context) error {
			defer func() { d.Add("waited: %v", asyncio.Sleep(ctx, time.Hour)) }() //asyncio:ok cleanup-canceled a panic ends the task, and no cancellation
			return explodes(ctx)
		})
		d.Expect(t, "waited: <nil>")
	})
	t.Run("that the task recovers from is its own business", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			if v := asynctest.PanicOf(func() { _ = explodes(ctx) }); v != "bang" {
				t.Errorf("recovered %v", v)
			}
			return asyncio.Yield(ctx)
		})
	})
	t.Run("cancels its siblings in a group", func(t *testing.T) {
		var d asynctest.Logbook
		runPanics(t, func(ctx context.Context) error {
			return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
				tg.Go(explodes)
				tg.Go(asynctest.Sleeper(&d, "sibling", time.Hour))
				return nil
			})
		})
		d.Expect(t, "sibling: asyncio: canceled")
	})
	t.Run("lets what is left clean up before Run panics", func(t *testing.T) {
		var d asynctest.Logbook
		runPanics(t, func(ctx context.Context) error {
			asyncio.Go(ctx, asynctest.Sleeper(&d, "left over", time.Hour))
			return explodes(ctx)
		})
		d.Expect(t, "left over: asyncio: canceled")
	})
}

func TestPanicInTheBodyOfAGroup(t *testing.T) {
	asynctest.SkipInRandomOrder(t)
	t.Run("goes on when the children have ended", func(t *testing.T) {
		var d asynctest.Logbook
		asynctest.MustEnd(t, func(ctx context.Context) error {
			v := asynctest.PanicOf(func() {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error {
						err := asynctest.SleepForever(ctx)
						_ = asyncio.Sleep(context.WithoutCancel(ctx), time.Hour)
						d.Add("child ends")
						return err
					})
					return explodes(ctx)
				})
			})
			d.Add("panic: %v", v)
			return asyncio.Yield(ctx)
		}, asynctest.VirtualTime())
		d.Expect(t, "child ends", "panic: bang")
	})
	t.Run("leaves the errors of the children to the handler", func(t *testing.T) {
		var heard asynctest.Reports
		err := asynctest.Run(t.Context(), func(ctx context.Context) error {
			_ = asynctest.PanicOf(func() {
				_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
					tg.Go(func(ctx context.Context) error {
						_ = asynctest.SleepForever(ctx)
						return errBoom
					})
					return explodes(ctx)
				})
			})
			return nil
		}, heard.Option())
		if err != nil {
			t.Error(err)
		}
		if c := heard.Expect(t, "a task failed in a TaskGroup whose body panicked: boom"); c[0].Err != errBoom {
			t.Errorf("the report is %+v", c[0])
		}
	})
	t.Run("leaves nothing open", func(t *testing.T) {
		asynctest.MustEnd(t, func(ctx context.Context) error {
			for range 3 {
				_ = asynctest.PanicOf(func() {
					_ = asyncio.WithTimeout(ctx, time.Hour, func(ctx context.Context) error {
						return asyncio.WithTaskGroup(ctx, func(context.Context, *asyncio.TaskGroup) error {
							explode()
							return nil
						})
					})
				})
			}
			if n := asyncio.RunningLoop(ctx).Stats().Timers; n != 0 {
				t.Errorf("%d timers are set", n)
			}
			return asyncio.Yield(ctx)
		})
	})
}

func TestPanicError(t *testing.T) {
	e := &asyncio.PanicError{Value: io.EOF, Stack: []byte("the stack")}
	t.Run("is one line for %v and has the stack for %+v", func(t *testing.T) {
		asynctest.ExpectEqual(t, "Error", e.Error(), "panicked: EOF")
		for format, want := range map[string]string{
			"%v": "panicked: EOF", "%s": "panicked: EOF", "%q": `"panicked: EOF"`, "%-15v|": "panicked: EOF  |",
			"%+v": "panicked: EOF\nthe stack",
		} {
			asynctest.ExpectEqual(t, format, fmt.Sprintf(format, e), want)
		}
		lines := &asyncio.PanicError{Value: errors.Join(io.EOF, errBoom)}
		asynctest.ExpectEqual(t, "of several lines", lines.Error(), "panicked: EOF; boom")
		if s := fmt.Sprintf("%#v", e); !strings.HasPrefix(s, "&asyncio.PanicError{Value:") {
			t.Errorf("%%#v prints %s", s)
		}
	})
	t.Run("is not the error that it holds", func(t *testing.T) {
		if errors.Is(e, io.EOF) {
			t.Error("it unwraps")
		}
	})
}
