package stacks

import (
	"runtime"
	"strings"
	"testing"
)

const waitsForAMutex = `goroutine 35 [sync.Mutex.Lock, 2 minutes, locked to thread]:
internal/sync.runtime_SemacquireMutex(0x31fb5eaaca60?, 0x28?, 0x31fb5eaaca20?)
	/go/src/runtime/sema.go:95
internal/sync.(*Mutex).lockSlow(0x31fb5eaac9f0)
	/go/src/internal/sync/mutex.go:149
sync.(*Mutex).Lock(...)
	/go/src/sync/mutex.go:46
example.com/shop.(*store).get(0x7e4370?)
	/shop/store.go:51 +0x1d
github.com/asyncio-go/asyncio/streams.(*Conn).Read(0x1, {0x2, 0x3, 0x4})
	/asyncio/streams/conn.go:7 +0x1
main.serve.func1({0x7e4370, 0x31fb5eac0658})
	/shop/main.go:92 +0x2
github.com/asyncio-go/asyncio/streams.(*handling).run(0x1)
	/asyncio/streams/serve.go:340 +0x4d
github.com/asyncio-go/asyncio.(*funcBody).Run(0x1)
	/asyncio/task.go:110 +0x4d
github.com/asyncio-go/asyncio/internal/engine.(*worker).main(0x1, 0x2)
	/asyncio/internal/engine/worker.go:63 +0xd4
created by iter.Pull[...] in goroutine 1
	/go/src/iter/iter.go:271 +0x90`

func TestParse(t *testing.T) {
	g := Parse([]byte(waitsForAMutex))
	if g.ID != 35 || g.State != "sync.Mutex.Lock" || !g.Blocked() || len(g.Frames) != 10 {
		t.Errorf("it is %+v", g)
	}
	if m := g.Mutex(); m != 0x31fb5eaac9f0 {
		t.Errorf("the mutex is %#x", m)
	}
	if p := g.Place(); p != "shop.(*store).get (store.go:51)" {
		t.Errorf("it is in %s", p)
	}
	if p := g.Path(2); p != "shop.(*store).get < main.serve.func1" {
		t.Errorf("the path is %s", p)
	}
	if e := g.Entry(); e != "streams.(*Conn).Read" {
		t.Errorf("the entry is %s", e)
	}
	readable := string(Readable([]byte(waitsForAMutex)))
	for _, word := range []string{"iter.", "engine", "funcBody", "handling", "+0x", "internal/"} {
		if strings.Contains(readable, word) {
			t.Errorf("it has %q:\n%s", word, readable)
		}
	}
	if !strings.Contains(readable, "main.serve.func1({0x7e4370, 0x31fb5eac0658})\n\t/shop/main.go:92") {
		t.Errorf("it is\n%s", readable)
	}
	if lines := OfProgram([]byte("goroutine 5 [coroutine]:\niter.Pull[...].func1()\n\t/go/src/iter/iter.go:301")); lines != "" {
		t.Errorf("of a stack without the program, it has\n%s", lines)
	}
}

func TestMentions(t *testing.T) {
	holder := Parse([]byte("goroutine 5 [coroutine]:\nmain.hold({0x1, 0x2}, 0x31fb5eaac9e0)\n\t/shop/main.go:1"))
	if !holder.Mentions(0x31fb5eaac9f0) || holder.Mentions(0x31fb5eaac9d0) || holder.Mentions(0x31fb5eaad9e0) {
		t.Error("it mentions a mutex behind its pointer, and no other")
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(waitsForAMutex), []byte("goroutine 1 [running]:"))
	own := make([]byte, 1<<16)
	f.Add(own[:runtime.Stack(own, true)], []byte("x\n"))
	f.Fuzz(func(t *testing.T, a, b []byte) {
		g, other := Parse(a), Parse(b)
		_, _, _, _ = g.Place(), g.Path(3), g.Entry(), g.Blocked()
		if m := g.Mutex(); m != 0 {
			_ = other.Mentions(m)
		}
		_, _, _ = g.IsIn(other), Readable(a), OfProgram(b)
	})
}

// What the stack says of a sync.RWMutex is stale.
const waitsForAnRWMutex = `goroutine 22 [sync.RWMutex.RLock]:
sync.runtime_SemacquireRWMutexR(0x5cd850?, 0x38?, 0x260bf621c280?)
	/go/src/runtime/sema.go:100
sync.(*RWMutex).RLock(...)
	/go/src/sync/rwmutex.go:74
example.com/shop.(*store).get(0x260bf623a238)
	/shop/store.go:51 +0x1d`

func TestMutexIsWhereItsMethodIs(t *testing.T) {
	g := Parse([]byte(waitsForAnRWMutex))
	if m := g.Mutex(); !g.WaitsForMutex() || m != 0x260bf623a238 {
		t.Errorf("it waits for a mutex: %v; it is %#x", g.WaitsForMutex(), m)
	}
	g = Parse([]byte(strings.Replace(waitsForAnRWMutex, "(*store).get(0x", "get({0x1, 0x", 1)))
	if m := g.Mutex(); !g.WaitsForMutex() || m != 0 {
		t.Errorf("it waits for a mutex: %v; it is %#x", g.WaitsForMutex(), m)
	}
}

// A child process, a lock of a file, a read of a disk.
func TestACallOfTheSystemBlocks(t *testing.T) {
	g := Parse([]byte("goroutine 1 [syscall, 2 minutes]:\nsyscall.Syscall6(0x1)\n\t/go/src/syscall.go:1\n" +
		"internal/syscall/unix.Waitid(0x1)\n\t/go/src/waitid.go:1\nos.(*Process).Wait(0x1)\n\t/go/src/os/exec.go:1"))
	if !g.Blocked() || g.Place() != "os.(*Process).Wait (exec.go:1)" {
		t.Errorf("it is blocked: %v; in %s", g.Blocked(), g.Place())
	}
}

func TestAdvice(t *testing.T) {
	for stack, want := range map[string]string{
		"goroutine 1 [IO wait]:\nnet.(*netFD).Read(0x1)\n\t/go/src/net/fd.go:1":                                     "streams",
		"goroutine 1 [sleep]:\ntime.Sleep(0x1)\n\t/go/src/time.go:1":                                                "asyncio.Sleep",
		"goroutine 1 [chan receive]:\nmain.main()\n\t/main.go:1":                                                    "Receive or Send",
		"goroutine 1 [select]:\nnet/http.(*persistConn).roundTrip(0x1)\n\t/transport.go:1":                          "ToThread",
		"goroutine 1 [select]:\ndatabase/sql.(*DB).conn(0x1)\n\t/go/src/sql.go:1":                                   "Semaphore",
		"goroutine 1 [running]:\nmain.(*Pool).fill(0x1)\n\t/main.go:1":                                              "ToThread",
		"goroutine 1 [chan send]:\nexample.com/pool.(*ConnPool).waitTurn(0x1)\n\t/pool.go:1":                        "Semaphore",
		"goroutine 1 [sync.WaitGroup.Wait]:\nx/y/v2.(*Pool[...]).Close(0x1)\n\t/pool.go:1":                          "ToThread",
		"goroutine 1 [select]:\nx/semaphore.(*W).Acquire()\n\t/s.go:1\nx/y/v2.(*Pool[...]).Acquire(0x1)\n\t/p.go:1": "Semaphore",
	} {
		if advice := Parse([]byte(stack)).Advice(); !strings.Contains(advice, want) {
			t.Errorf("of\n%s\nit says %q, and not %q", stack, advice, want)
		}
	}
}
