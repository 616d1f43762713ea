package asyncio_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
	"github.com/asyncio-go/asyncio/internal/engine"
)

// A fan is a broadcast, and a logbook for those that use it.
type fan struct {
	asynctest.Logbook
	*asyncio.Broadcast[int]
}

// gets takes one item in a task of its own, and notes it.
func (f *fan) gets(ctx context.Context, name string, s *asyncio.Subscriber[int]) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error {
		item, err := s.Get(ctx)
		if err != nil {
			f.Add("%s: %v", name, err)
		} else {
			f.Add("%s got %d", name, item)
		}
		return nil
	})
}

// puts puts an item in in a task of its own, and notes how that ended.
func (f *fan) puts(ctx context.Context, item int) *asyncio.Task[struct{}] {
	return asyncio.Go(ctx, func(ctx context.Context) error {
		f.Add("put %d: %v", item, f.Put(ctx, item))
		return nil
	})
}

// rest takes out all that a subscriber has.
func rest(s *asyncio.Subscriber[int]) (items []int) {
	for {
		item, err := s.TryGet()
		if err != nil {
			return items
		}
		items = append(items, item)
	}
}

func expectItems(t *testing.T, s *asyncio.Subscriber[int], want ...int) {
	t.Helper()
	if got := rest(s); !slices.Equal(got, want) {
		t.Errorf("the items are %v, want %v", got, want)
	}
}

// eachFan runs a test in which tasks come in the order in which they are created.
func eachFan(t *testing.T, name string, size int, test func(t *testing.T, ctx context.Context, f *fan)) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		asynctest.InOrder(t, func(ctx context.Context) {
			test(t, ctx, &fan{Broadcast: asyncio.NewBroadcast[int](size)})
		})
	})
}

func TestBroadcast(t *testing.T) {
	eachFan(t, "gives each item to all that have subscribed before, without suspending", 3, func(t *testing.T, ctx context.Context, f *fan) {
		asynctest.ExpectEqual(t, "passes", asynctest.CountPasses(ctx, func() {
			asynctest.ExpectNil(t, f.Put(ctx, 1)) // for no one
			a := f.Subscribe()
			asynctest.ExpectNil(t, f.Put(ctx, 2))
			b := f.Subscribe()
			asynctest.ExpectNil(t, f.TryPut(3))
			asynctest.ExpectEqual(t, "len", a.Len(), 2)
			item, err := a.Get(ctx)
			asynctest.ExpectNil(t, err)
			asynctest.ExpectEqual(t, "item", item, 2)
			expectItems(t, a, 3)
			expectItems(t, b, 3)
		}), 0)
		asynctest.ExpectEqual(t, "cap", f.Cap(), 3)
	})
	eachFan(t, "wakes those that wait, in the order in which they subscribed", 1, func(t *testing.T, ctx context.Context, f *fan) {
		a, b := f.Subscribe(), f.Subscribe()
		f.gets(ctx, "b", b)
		f.gets(ctx, "a", a)
		asynctest.Settle(ctx)
		asynctest.ExpectNil(t, f.TryPut(1))
		_ = asyncio.Yield(ctx)
		f.Expect(t, "a got 1", "b got 1")
	})
	eachFan(t, "waits for the slowest subscriber, and puts in the order in which tasks came", 1, func(t *testing.T, ctx context.Context, f *fan) {
		fast, slow := f.Subscribe(), f.Subscribe()
		for i := range 3 {
			f.puts(ctx, i)
		}
		asynctest.Settle(ctx)
		f.Expect(t, "put 0: <nil>")
		expectItems(t, fast, 0)
		asynctest.Settle(ctx)
		f.Expect(t, "put 0: <nil>")
		expectItems(t, slow, 0)
		asynctest.ExpectIs(t, f.TryPut(9), asyncio.ErrQueueFull) // the room is for the one that was woken
		asynctest.Settle(ctx)
		f.Expect(t, "put 0: <nil>", "put 1: <nil>")
		expectItems(t, fast, 1)
		expectItems(t, slow, 1)
		asynctest.Settle(ctx)
		expectItems(t, fast, 2)
		expectItems(t, slow, 2)
	})
	eachFan(t, "lets as many put as there is room for", 3, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		for i := range 6 {
			f.puts(ctx, i)
		}
		asynctest.Settle(ctx)
		expectItems(t, s, 0, 1, 2)
		asynctest.Settle(ctx)
		expectItems(t, s, 3, 4, 5)
	})
	eachFan(t, "without a limit never waits", 0, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		for i := range 100 {
			asynctest.ExpectNil(t, f.TryPut(i))
		}
		asynctest.ExpectEqual(t, "len", s.Len(), 100)
		var zero asyncio.Broadcast[string]
		z := zero.Subscribe()
		asynctest.ExpectNil(t, zero.Put(ctx, "x"))
		item, err := z.TryGet()
		asynctest.ExpectNil(t, err)
		asynctest.ExpectEqual(t, "item", item, "x")
	})
	eachFan(t, "gives to who subscribes while Put waits", 1, func(t *testing.T, ctx context.Context, f *fan) {
		slow := f.Subscribe()
		f.puts(ctx, 1)
		f.puts(ctx, 2)
		asynctest.Settle(ctx)
		late := f.Subscribe()
		expectItems(t, slow, 1)
		asynctest.Settle(ctx)
		expectItems(t, late, 2)
	})
	eachFan(t, "with a Put that is canceled gives the item to no one", 1, func(t *testing.T, ctx context.Context, f *fan) {
		fast, slow := f.Subscribe(), f.Subscribe()
		_ = f.TryPut(1)
		expectItems(t, fast, 1)
		first := f.puts(ctx, 2)
		f.puts(ctx, 3)
		asynctest.Settle(ctx)
		first.Cancel()
		asynctest.Settle(ctx)
		expectItems(t, slow, 1)
		asynctest.Settle(ctx)
		f.Expect(t, "put 2: asyncio: canceled", "put 3: <nil>")
		expectItems(t, fast, 3)
		expectItems(t, slow, 3)
	})
	eachFan(t, "with a Put that was woken and canceled too late gives the item to all", 1, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		_ = f.TryPut(1)
		put := f.puts(ctx, 2)
		asynctest.Settle(ctx)
		expectItems(t, s, 1)
		put.Cancel()
		asynctest.Settle(ctx)
		f.Expect(t, "put 2: <nil>")
		expectItems(t, s, 2)
	})
	eachFan(t, "with a Get that is canceled keeps the item", 1, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		first := f.gets(ctx, "first", s)
		f.gets(ctx, "second", s)
		asynctest.Settle(ctx)
		first.Cancel()
		_ = f.TryPut(1)
		asynctest.Settle(ctx)
		f.Expect(t, "first: asyncio: canceled", "second got 1")
	})
	eachFan(t, "with a Get that was overtaken waits again", 1, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		get := f.gets(ctx, "a", s)
		asynctest.Settle(ctx)
		_ = f.TryPut(1)
		expectItems(t, s, 1)
		get.Cancel() // too late for the wait that was woken, and in time for the next
		asynctest.Settle(ctx)
		f.Expect(t, "a: asyncio: canceled")
		_ = f.TryPut(2)
		expectItems(t, s, 2)
	})
	eachFan(t, "on a canceled context neither puts nor gets", 2, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		_ = f.TryPut(1)
		onCanceledContext(ctx, func(ctx context.Context) {
			asynctest.ExpectCanceled(t, f.Put(ctx, 2))
			_, err := s.Get(ctx)
			asynctest.ExpectCanceled(t, err)
			onlyCanceled(t, s.All(ctx))
		})
		expectItems(t, s, 1)
	})
	t.Run("outside a loop returns ErrNoRunningLoop where it could suspend", func(t *testing.T) {
		b := asyncio.NewBroadcast[int](1)
		s := b.Subscribe()
		asynctest.ExpectIs(t, b.Put(t.Context(), 1), asyncio.ErrNoRunningLoop)
		_, err := s.Get(t.Context())
		asynctest.ExpectIs(t, err, asyncio.ErrNoRunningLoop)
	})
}

func TestSubscriberClose(t *testing.T) {
	eachFan(t, "lets those go on that wait in Put for it", 1, func(t *testing.T, ctx context.Context, f *fan) {
		fast, slow := f.Subscribe(), f.Subscribe()
		f.puts(ctx, 1)
		f.puts(ctx, 2)
		asynctest.Settle(ctx)
		expectItems(t, fast, 1)
		slow.Close()
		slow.Close()
		asynctest.Settle(ctx)
		f.Expect(t, "put 1: <nil>", "put 2: <nil>")
		expectItems(t, fast, 2)
		expectItems(t, slow)
		asynctest.ExpectEqual(t, "len", slow.Len(), 0)
	})
	eachFan(t, "sends away who waits in Get, and who comes later", 1, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		f.gets(ctx, "a", s)
		f.gets(ctx, "b", s)
		asynctest.Settle(ctx)
		s.Close()
		asynctest.Settle(ctx)
		f.Expect(t, "a: "+asyncio.ErrQueueShutDown.Error(), "b: "+asyncio.ErrQueueShutDown.Error())
		_, err := s.TryGet()
		asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
	})
	eachFan(t, "while one ranges over the subscribers", 1, func(t *testing.T, ctx context.Context, f *fan) {
		var all []*asyncio.Subscriber[int]
		for range 10 {
			all = append(all, f.Subscribe())
		}
		_ = f.TryPut(1)
		for _, i := range []int{0, 3, 7} {
			expectItems(t, all[i], 1)
		}
		asynctest.ExpectNil(t, putAndCloseThoseThatLag(f, 2))
		left := slices.Collect(f.Subscribers())
		if !slices.Equal(left, []*asyncio.Subscriber[int]{all[0], all[3], all[7]}) {
			t.Errorf("%d are left", len(left))
		}
		for _, s := range left {
			expectItems(t, s, 2)
		}
		for range f.Subscribers() {
			break
		}
	})
	eachFan(t, "those that lag, while another one waits in Put", 1, func(t *testing.T, ctx context.Context, f *fan) {
		slow := f.Subscribe()
		_ = f.TryPut(1)
		put := asyncio.Go(ctx, func(ctx context.Context) error { return f.Put(ctx, 2) })
		asynctest.Settle(ctx)
		asynctest.ExpectIs(t, putAndCloseThoseThatLag(f, 3), asyncio.ErrQueueFull) // it is the other one's turn
		_, err := put.Await(ctx)
		asynctest.ExpectNil(t, err)
		_, err = slow.TryGet()
		asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
	})
}

// putAndCloseThoseThatLag is the code in the documentation of TryPut.
func putAndCloseThoseThatLag(b *fan, item int) error {
	err := b.TryPut(item)
	if err == asyncio.ErrQueueFull {
		for s := range b.Subscribers() {
			if s.Len() == b.Cap() {
				s.Close()
			}
		}
		err = b.TryPut(item)
	}
	return err
}

func TestBroadcastShutdown(t *testing.T) {
	for _, immediate := range []bool{false, true} {
		eachFan(t, fmt.Sprint("immediate: ", immediate), 1, func(t *testing.T, ctx context.Context, f *fan) {
			has, empty := f.Subscribe(), f.Subscribe()
			_ = f.TryPut(1)
			expectItems(t, empty, 1)
			f.gets(ctx, "get", empty)
			f.puts(ctx, 2)
			f.puts(ctx, 3)
			asynctest.Settle(ctx)
			f.Shutdown(immediate)
			asynctest.ExpectIs(t, f.TryPut(4), asyncio.ErrQueueShutDown)
			asynctest.ExpectIs(t, f.Put(ctx, 4), asyncio.ErrQueueShutDown)
			asynctest.Settle(ctx)
			down := asyncio.ErrQueueShutDown.Error()
			f.Expect(t, "get: "+down, "put 2: "+down, "put 3: "+down)
			var got []int
			for item, err := range has.All(ctx) {
				asynctest.ExpectNil(t, err)
				got = append(got, item)
			}
			if want := map[bool]int{false: 1, true: 0}[immediate]; len(got) != want {
				t.Errorf("it got %v", got)
			}
			_, err := has.Get(ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
			_, err = f.Subscribe().Get(ctx)
			asynctest.ExpectIs(t, err, asyncio.ErrQueueShutDown)
		})
	}
	eachFan(t, "after a task in Put was woken sends it away", 1, func(t *testing.T, ctx context.Context, f *fan) {
		s := f.Subscribe()
		_ = f.TryPut(1)
		f.puts(ctx, 2)
		asynctest.Settle(ctx)
		expectItems(t, s, 1)
		f.Shutdown(false)
		asynctest.Settle(ctx)
		f.Expect(t, "put 2: "+asyncio.ErrQueueShutDown.Error())
		expectItems(t, s)
	})
}

// TestStateOfABroadcast looks at what a snapshot says of it and of its subscribers.
func TestStateOfABroadcast(t *testing.T) {
	eachFan(t, "", 2, func(t *testing.T, ctx context.Context, f *fan) {
		f.SetName("news")
		f.Subscribe()
		s := f.Subscribe()
		s.SetName("slow")
		for i := range 3 {
			f.puts(ctx, i)
		}
		asynctest.Settle(ctx)
		s.Close()
		other := f.Subscribe()
		other.SetName("new")
		f.gets(ctx, "new", other)
		_ = asyncio.Yield(ctx)
		core := engine.LoopOf(ctx)
		core.SnapshotNow(nil)
		var got []string
		for _, o := range core.SnapshotNow(nil).Objects {
			got = append(got, fmt.Sprintf("%v %s %d/%d, %d", o.Kind, o.Name, o.Len, o.Cap, o.Waiters))
		}
		slices.Sort(got)
		want := []string{"broadcast news 2/2, 1", "subscriber new 0/2, 1"}
		if !slices.Equal(got, want) {
			t.Errorf("the objects are %q, want %q", got, want)
		}
	})
}
