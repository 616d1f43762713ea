package console_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/console"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/wire"
)

// A viewer looks at a console, as the command does.
type viewer struct {
	t      *testing.T
	client *http.Client
	url    string
}

// watch starts a console on a loop, or for all that come, and returns who looks at it.
func watch(ctx context.Context, t *testing.T, opts ...console.Option) (v *viewer, stop func()) {
	t.Helper()
	v = &viewer{t: t, client: &http.Client{Transport: &http.Transport{}}}
	end, err := console.Start(ctx, append(opts, console.TCP("127.0.0.1:0"), console.OnListen(func(a net.Addr) { v.url = "http://" + a.String() + "/v1/" }))...)
	if err != nil {
		t.Fatal(err)
	}
	return v, func() {
		end()
		v.client.CloseIdleConnections()
	}
}

// get asks for what is then in answer.
func (v *viewer) get(path string, answer any) {
	v.t.Helper()
	r, err := v.client.Get(v.url + path)
	if err != nil {
		v.t.Error(err)
		return
	}
	defer r.Body.Close()
	if err := json.NewDecoder(r.Body).Decode(answer); err != nil || r.StatusCode != 200 {
		v.t.Errorf("%s: %s, %v", path, r.Status, err)
	}
}

func (v *viewer) snapshot() *wire.Snapshot {
	v.t.Helper()
	var s wire.Snapshot
	v.get("snapshot", &s)
	return &s
}

// taskOf returns the line of a task, or nil.
func taskOf(s *wire.Snapshot, name string) *wire.Task {
	for i := range s.Tasks {
		if s.Tasks[i].Name == name {
			return &s.Tasks[i]
		}
	}
	return nil
}

// beside runs fn beside the loop, and suspends the task until it has ended.
func beside(ctx context.Context, fn func()) error {
	_, err := asyncio.ToThread(ctx, func(context.Context) (struct{}, error) {
		fn()
		return struct{}{}, nil
	})
	return err
}

func TestWhoHoldsTheLock(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		v, stop := watch(ctx, t)
		defer stop()
		var lock asyncio.Lock
		lock.SetName("stock")
		take := func(ctx context.Context) error {
			if err := lock.Acquire(ctx); err != nil {
				return err
			}
			defer lock.Release()
			return asynctest.WaitForever(ctx)
		}
		holder := asyncio.Go(ctx, take, asyncio.Name("holder"))
		waiter := asyncio.Go(ctx, take, asyncio.Name("waiter"))
		defer holder.Cancel()
		defer waiter.Cancel()
		return beside(ctx, func() {
			s := v.snapshot()
			h, w := taskOf(s, "holder"), taskOf(s, "waiter")
			if h == nil || w == nil || w.Wait == nil {
				t.Errorf("the tasks are %+v", s.Tasks)
				return
			}
			if w.Wait.Kind != "lock" || w.Wait.Name != "stock" || len(w.Wait.By) != 1 || w.Wait.By[0] != h.ID {
				t.Errorf("the waiter waits for %+v, want the lock stock, of task %d", w.Wait, h.ID)
			}
			for _, o := range s.Objects {
				if o.ID == w.Wait.Obj {
					if o.Kind != "lock" || o.Name != "stock" || o.Holder != h.ID || o.Waiters != 1 {
						t.Errorf("the lock is %+v", o)
					}
					return
				}
			}
			t.Errorf("the lock is not one of the objects: %+v", s.Objects)
		})
	})
}

// Three readers look at a loop that never rests, and one of them goes and comes back.
func TestReadersOfABusyLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		v, stop := watch(ctx, t)
		defer stop()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			over := false
			queue := asyncio.NewQueue[int](1)
			for range 10 {
				tg.Go(func(ctx context.Context) error {
					for !over {
						if err := asyncio.Yield(ctx); err != nil {
							return err
						}
						_ = queue.TryPut(1)
						_, _ = queue.TryGet()
					}
					return nil
				})
			}
			readers := []func(){
				func() {
					for range 20 {
						if s := v.snapshot(); s.Stats.Live < 11 {
							t.Errorf("%d tasks live, want 11", s.Stats.Live)
						}
					}
				},
				func() {
					for range 2 {
						v.follow(3)
					}
				},
				func() {
					for range 20 {
						var d wire.TaskDetail
						v.get("task/2", &d)
						var all wire.Deadlocks
						v.get("deadlocks", &all)
						if d.ID != 2 || len(all.Deadlocks) > 0 {
							t.Errorf("task 2 is %d; deadlocks: %+v", d.ID, all.Deadlocks)
						}
					}
				},
			}
			return asyncio.WithTaskGroup(ctx, func(ctx context.Context, all *asyncio.TaskGroup) error {
				all.Go(func(ctx context.Context) error {
					defer func() { over = true }()
					return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
						for _, read := range readers {
							tg.Go(func(ctx context.Context) error { return beside(ctx, read) })
						}
						return nil
					})
				})
				return nil
			})
		})
	})
}

// follow reads so many frames of /v1/live.
func (v *viewer) follow(frames int) {
	v.t.Helper()
	var last uint64
	v.frames("live", func(f *wire.LiveFrame) bool {
		if last > 0 && f.N != last+1 {
			v.t.Errorf("frame %d comes after %d", f.N, last)
		}
		last = f.N
		frames--
		return frames > 0
	})
}

// frames calls see with the frames of a stream, until it returns false.
func (v *viewer) frames(path string, see func(*wire.LiveFrame) bool) {
	v.t.Helper()
	r, err := v.client.Get(v.url + path)
	if err != nil {
		v.t.Error(err)
		return
	}
	defer r.Body.Close()
	lines := bufio.NewReader(r.Body)
	for more := true; more; {
		line, err := lines.ReadString('\n')
		if err != nil {
			v.t.Error(err)
			return
		}
		text, isFrame := strings.CutPrefix(line, `data: {"n":`)
		if !isFrame {
			continue
		}
		var f wire.LiveFrame
		if err := json.Unmarshal([]byte(`{"n":`+text), &f); err != nil {
			v.t.Error(err)
		}
		more = see(&f)
	}
}

// Who comes late and asks for it is told of the time before, and then of what follows:
// of each thing once.
func TestPastIsJoinedToWhatFollows(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		v, stop := watch(ctx, t)
		defer stop()
		return asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			over, made := false, 0
			tg.Go(func(ctx context.Context) error {
				for ; !over; made++ {
					asyncio.Go(ctx, asyncio.Yield, asyncio.Name("child "+strconv.Itoa(made)))
					if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
						return err
					}
				}
				return nil
			})
			for made < 10 {
				if err := asyncio.Sleep(ctx, time.Millisecond); err != nil {
					return err
				}
			}
			defer func() { over = true }()
			return beside(ctx, func() { v.joined(20) })
		})
	})
}

// joined reads the past and what follows, until so many children came after the past, and
// expects each of them once.
func (v *viewer) joined(after int) {
	v.t.Helper()
	v.snapshot() // the loop hands over what it has written
	next, past := 0, 0
	v.frames("live?past=60", func(f *wire.LiveFrame) bool {
		for _, r := range f.Rec {
			if r[0] != 1 || r[6] == 0 {
				continue
			}
			if name, want := f.Text[r[6]-1], "child "+strconv.Itoa(next); name != want {
				v.t.Errorf("%q is told of, want %q", name, want)
			}
			if next++; f.Past {
				past++
			}
		}
		return next-past < after && !v.t.Failed()
	})
	if past < 10 {
		v.t.Errorf("the past has %d of them, and there were 10 at least", past)
	}
}

// A loop that is stuck in a step cannot answer. The console does.
func TestStuckLoop(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		v, stop := watch(ctx, t)
		defer stop()
		release, seen := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(seen)
			defer close(release)
			asynctest.Eventually(t, "the console says where the loop is stuck", func() bool {
				s := v.snapshot()
				if !s.Stale || s.Stuck == nil {
					return false
				}
				var where []string
				for _, f := range s.Stuck.Stack {
					where = append(where, f.Func)
				}
				return strings.Contains(strings.Join(where, " "), "blocksTheLoop")
			})
		}()
		blocksTheLoop(release)
		<-seen
		return nil
	})
}

//go:noinline
func blocksTheLoop(release chan struct{}) { <-release }

func TestThreeLoops(t *testing.T) {
	asynctest.NothingIsLeft(t)
	v, stop := watch(t.Context(), t)
	defer stop()
	err := asyncio.RunGroup(t.Context(), 3, func(ctx context.Context, _ *asyncio.LoopGroup) error {
		return beside(ctx, func() {
			var h wire.Hello
			v.get("hello", &h)
			if len(h.Loops) != 3 {
				t.Errorf("the loops are %+v, want three", h.Loops)
			}
			for _, l := range h.Loops {
				var s wire.Snapshot
				v.get("snapshot?loop="+strconv.Itoa(l.ID), &s)
				if s.Loop != l.ID {
					t.Errorf("loop %d answers for loop %d", s.Loop, l.ID)
				}
			}
		})
	})
	if err != nil {
		t.Error(err)
	}
}

// Two consoles stand side by side, and one remains when the other one is stopped.
func TestTwoConsoles(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		one, stopOne := watch(ctx, t)
		two, stopTwo := watch(ctx, t)
		ask := func(vs ...*viewer) error {
			return beside(ctx, func() {
				for _, v := range vs {
					if s := v.snapshot(); len(s.Tasks) != 1 {
						t.Errorf("the tasks are %+v, want the main one", s.Tasks)
					}
				}
			})
		}
		err := ask(one, two)
		stopOne()
		err = errors.Join(err, ask(two))
		stopTwo()
		if _, err := two.client.Get(two.url + "hello"); err == nil { //asyncio:ok blocks a console answers without the loop, and this one no more
			t.Error("the second one answers after its end")
		}
		return err
	})
}

func TestCancelATask(t *testing.T) {
	asynctest.NothingIsLeft(t)
	asynctest.EndWell(t, func(ctx context.Context) error {
		v, stop := watch(ctx, t, console.Actions())
		defer stop()
		task := asyncio.Go(ctx, asynctest.WaitForever, asyncio.Name("victim"))
		err := beside(ctx, func() {
			body, err := json.Marshal(wire.Cancel{Task: taskOf(v.snapshot(), "victim").ID})
			if err != nil {
				t.Error(err)
			}
			r, err := http.NewRequest("POST", v.url+"cancel", strings.NewReader(string(body)))
			if err != nil {
				t.Error(err)
				return
			}
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-Asyncio", "1")
			answer, err := v.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			if text, err := io.ReadAll(answer.Body); err != nil || answer.StatusCode != 200 || string(text) != "{}" {
				t.Errorf("the answer is %s %s, %v", answer.Status, text, err)
			}
		})
		_, waited := task.Await(context.WithoutCancel(ctx))
		asynctest.ExpectCanceled(t, waited)
		return err
	})
}
