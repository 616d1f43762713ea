package remote

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
)

var double = Define("double", func(_ context.Context, n int) (int, error) { return 2 * n, nil })

// inBoth runs a test with functions in the pool and on the loop.
func inBoth(t *testing.T, test func(t *testing.T, opts ...WorkerOption)) {
	t.Run("pool", func(t *testing.T) { test(t) })
	t.Run("loop", func(t *testing.T) { test(t, OnLoop()) })
}

func TestWorkerRunsAJob(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		w.serve([]Registered{double}, append(opts, WorkerName("w1"))...)
		w.submit(double, "j", 21)
		m := w.ends("j", outcomeOK)
		if string(m.Data) != "42" || m.Header.Get(headerWorker) != "w1" || m.Header.Get(headerAttempt) != "1" ||
			m.Header.Get(headerEncoding) != "json" || m.Header.Get(headerTTL) != "1h0m0s" {
			t.Errorf("result %s with %v", m.Data, m.Header)
		}
		if _, err := time.ParseDuration(m.Header.Get(headerTook)); err != nil {
			t.Error(err)
		}
		w.empty()
	})
}

func TestWorkerTakesWhatWasQueuedBefore(t *testing.T) {
	w := newWire(t)
	for _, id := range strings.Fields("a b c d e f g h") {
		w.submit(double, id, 1)
	}
	w.serve([]Registered{double}, Parallel(3))
	for _, id := range strings.Fields("a b c d e f g h") {
		w.ends(id, outcomeOK)
	}
	w.empty()
}

var errOdd = errors.New("odd")

func init() { RegisterError("remote_test.odd", errOdd) }

func TestWorkerSendsErrors(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		fails := Define("fails", func(context.Context, string) (int, error) { return 0, errOdd })
		w.serve([]Registered{fails}, append(opts, WorkerName("w1"))...)
		w.submit(fails, "j", "in")
		f := w.fails("j")
		if f.Message != "odd" || f.Type != "*errors.errorString" || len(f.Is) != 1 || f.Is[0] != "remote_test.odd" {
			t.Errorf("failure %+v", f)
		}
		kept := w.last(w.failures(), w.failure("fails", "1", jobKey{"c", "j"}))
		if kept == nil || string(kept.Data) != `"in"` || kept.Header.Get(headerError) != "odd" || kept.Header.Get(headerEncoding) != "json" ||
			kept.Header.Get(headerWorker) != "w1" || kept.Header.Get(headerOutcome) != "error" || kept.Header.Get(headerAttempt) != "1" {
			t.Errorf("kept %+v", kept)
		}
		w.empty()
	})
}

// A silent error has no methods that work on a nil pointer.
type silent struct{ text string }

func (s *silent) Error() string { return s.text }

func TestWorkerSendsErrorsThatCannotBeRead(t *testing.T) {
	w := newWire(t)
	fails := Define("fails", func(_ context.Context, panics bool) (int, error) {
		var err *silent
		if panics {
			panic(err)
		}
		return 0, err
	})
	w.serve([]Registered{fails})
	w.submit(fails, "returned", false)
	mustContain(t, w.fails("returned").Message, "*remote.silent, whose methods panic")
	w.submit(fails, "panicked", true)
	mustContain(t, w.fails("panicked").Message, "*remote.silent, whose methods panic")
	w.empty()
}

func TestWorkerSendsPanics(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		panics := Define("panics", func(context.Context, int) (int, error) { panic("ouch") })
		w.serve([]Registered{panics, double}, opts...)
		w.submit(panics, "j", 1)
		f := w.fails("j")
		if f.Message != "ouch" || f.Type != "panic" {
			t.Errorf("failure %+v", f)
		}
		mustContain(t, f.Stack, "TestWorkerSendsPanics")
		w.submit(double, "k", 1)
		w.ends("k", outcomeOK)
	})
}

func TestWorkerOutlivesGoexitInThePool(t *testing.T) {
	w := newWire(t)
	exits := Define("exits", func(context.Context, int) (int, error) { runtime.Goexit(); return 0, nil })
	w.serve([]Registered{exits, double}, Parallel(1))
	w.submit(exits, "j", 1)
	mustContain(t, w.fails("j").Message, "Goexit")
	w.submit(double, "k", 1)
	w.ends("k", outcomeOK)
}

func TestWorkerRefusesPoison(t *testing.T) {
	w := newWire(t)
	retried := Define("retried", func(_ context.Context, n int) (int, error) { return n, nil }, Retries(5))
	w.serve([]Registered{retried})
	w.submitRaw(retried, "garbage", []byte("{"), headerEncoding, "json")
	mustContain(t, w.fails("garbage").Message, "the input is no int")
	w.submitRaw(retried, "strange", []byte("{}"), headerEncoding, "gob")
	mustContain(t, w.fails("strange").Message, `"gob"`)
	for _, id := range []string{"garbage", "strange"} {
		if n := w.resultOf(id).Header.Get(headerAttempt); n != "1" {
			t.Errorf("%s: attempt %s", id, n)
		}
	}
	w.empty()
}

func TestWorkerSaysThatAnOutputIsTooLarge(t *testing.T) {
	w := newWire(t)
	big := Define("big", func(_ context.Context, n int) (string, error) { return strings.Repeat("x", n), nil })
	w.serve([]Registered{big})
	w.submit(big, "fits", 1_000_000)
	w.submit(big, "big", 2_000_000)
	w.ends("fits", outcomeOK)
	f := w.fails("big")
	mustContain(t, f.Message, "2000002 bytes")
	mustContain(t, f.Message, "1044480")
	if len(f.Is) != 1 || f.Is[0] != "remote.too_large" {
		t.Errorf("is %v", f.Is)
	}
	w.empty()
}

func TestWorkerRetriesWithBackoff(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		var runs atomic.Int32
		shaky := Define("shaky", func(context.Context, int) (int32, error) {
			if n := runs.Add(1); n < 3 {
				return 0, errOdd
			}
			return runs.Load(), nil
		}, Retries(2), Backoff(10*time.Millisecond, 20*time.Millisecond))
		w.serve([]Registered{shaky}, opts...)
		w.submit(shaky, "j", 1)
		m := w.ends("j", outcomeOK)
		if string(m.Data) != "3" || m.Header.Get(headerAttempt) != "3" {
			t.Errorf("result %s with %v", m.Data, m.Header)
		}
		n := w.last(w.notes(), w.note(jobKey{"c", "j"}))
		mustContain(t, string(n.Data), `"returned":2,"failed":2`)
		if w.last(w.failures(), w.failure("shaky", "1", jobKey{"c", "j"})) != nil {
			t.Error("a job that ended well is kept as a failure")
		}
		w.empty()
	})
}

func TestWorkerGivesUpAfterTheLastRetry(t *testing.T) {
	w := newWire(t)
	var runs atomic.Int32
	never := Define("never", func(context.Context, int) (int, error) { runs.Add(1); return 0, errOdd },
		Retries(2), Backoff(time.Millisecond, time.Millisecond), NotIdempotent())
	w.serve([]Registered{never})
	w.submit(never, "j", 1)
	w.fails("j")
	if n := runs.Load(); n != 3 {
		t.Errorf("%d runs", n)
	}
}

func TestWorkerLimitsTheTimeOfAnAttempt(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		slow := Define("slow", func(ctx context.Context, _ int) (int, error) {
			if asyncio.RunningLoop(ctx) != nil && len(opts) > 0 {
				return 0, asyncio.Sleep(ctx, time.Hour)
			}
			<-ctx.Done() //asyncio:ok done-wait it runs in the pool
			return 0, context.Cause(ctx)
		}, Timeout(20*time.Millisecond))
		w.serve([]Registered{slow}, opts...)
		w.submit(slow, "j", 1)
		f := w.fails("j")
		if !(&RemoteError{is: f.Is}).Is(asyncio.ErrTimeout) {
			t.Errorf("failure %+v", f)
		}
	})
}

func TestWorkerTellsTheFunctionItsJobAndTime(t *testing.T) {
	w := newWire(t)
	type seen struct {
		Info JobInfo
		Left time.Duration
	}
	look := Define("look", func(ctx context.Context, _ int) (seen, error) {
		info, ok := JobOf(ctx)
		end, has := ctx.Deadline()
		if !ok || !has {
			return seen{}, errors.New("no job or no deadline")
		}
		return seen{info, time.Until(end)}, nil
	}, Version("7"))
	w.serve([]Registered{look}, WorkerName("w1"))
	before := time.Now().Add(-time.Minute)
	w.submit(look, "j", 1, headerTimeLeft, "1h")
	m := w.ends("j", outcomeOK)
	for _, part := range []string{`"Client":"c"`, `"ID":"j"`, `"Func":"look"`, `"Version":"7"`, `"Worker":"w1"`, `"Attempt":1`} {
		mustContain(t, string(m.Data), part)
	}
	_ = before
	if _, ok := JobOf(context.Background()); ok {
		t.Error("a job without a job")
	}
	if err := Progress(context.Background(), 1); err == nil {
		t.Error("progress without a job")
	}
}

func TestWorkerDoesNotRunWhatHasExpired(t *testing.T) {
	w := newWire(t)
	var runs atomic.Int32
	counts := Define("counts", func(context.Context, int) (int, error) { runs.Add(1); return 0, nil })
	w.submit(counts, "j", 1, headerTimeLeft, "1ms")
	w.submit(counts, "k", 1, headerTimeLeft, "-1s")
	time.Sleep(2 * time.Millisecond) // the job has to have been queued for longer than its time
	w.serve([]Registered{counts})
	w.ends("j", outcomeExpired)
	w.ends("k", outcomeExpired)
	if runs.Load() != 0 {
		t.Error("it ran")
	}
	w.empty()
}

func TestWorkerTellsProgress(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		tells := Define("tells", func(ctx context.Context, _ int) (int, error) {
			if err := Progress(ctx, func() {}); err == nil {
				return 0, errors.New("a function is JSON")
			}
			return 0, Progress(ctx, map[string]int{"done": 3})
		})
		w.serve([]Registered{tells}, append(opts, WorkerName("w1"))...)
		asked, unasked := w.events("asked"), w.events("unasked")
		w.submit(tells, "unasked", 1)
		w.submit(tells, "asked", 1, headerEvents, "1")
		w.ends("unasked", outcomeOK)
		if e := take(t, unasked); string(e.Progress) != `{"done":3}` || e.Worker != "w1" || e.Attempt != 1 {
			t.Errorf("event %+v", e)
		}
		if e := take(t, asked); !e.Began {
			t.Errorf("first %+v", e)
		}
		if e := take(t, asked); string(e.Progress) != `{"done":3}` {
			t.Errorf("second %+v", e)
		}
	})
}

func TestWorkerTellsThatAJobIsGivenBack(t *testing.T) {
	inBoth(t, func(t *testing.T, opts ...WorkerOption) {
		w := newWire(t)
		var calls atomic.Int32
		fails := Define("fails", func(ctx context.Context, _ int) (int, error) {
			if calls.Add(1) == 1 {
				return 0, errors.New("not yet")
			}
			return 1, nil
		}, Retries(1), Backoff(time.Millisecond, time.Millisecond))
		w.serve([]Registered{fails}, opts...)
		asked := w.events("asked")
		w.submit(fails, "asked", 1, headerEvents, "1")
		w.ends("asked", outcomeOK)
		for i, want := range []event{{Began: true, Attempt: 1}, {Left: true, Attempt: 1}, {Began: true, Attempt: 2}} {
			if e := take(t, asked); e.Began != want.Began || e.Left != want.Left || e.Attempt != want.Attempt {
				t.Errorf("event %d is %+v, want %+v", i, e, want)
			}
		}
	})
}

func TestTwoVersionsSideBySide(t *testing.T) {
	w := newWire(t)
	old := Define("f", func(context.Context, int) (string, error) { return "old", nil })
	new := Define("f", func(context.Context, int) (string, error) { return "new", nil }, Version("2"))
	w.serve([]Registered{old, new})
	w.submit(old, "a", 1)
	w.submit(new, "b", 1)
	if a, b := w.ends("a", outcomeOK), w.ends("b", outcomeOK); string(a.Data) != `"old"` || string(b.Data) != `"new"` {
		t.Errorf("%s and %s", a.Data, b.Data)
	}
}
