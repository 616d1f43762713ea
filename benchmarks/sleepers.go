package main

// A million sleepers: tasks of one group in Sleep, against goroutines of one
// WaitGroup in time.Sleep. Each side has a fresh process, a copy of this
// program, so that no side finds the heap that another left. Measured are the
// CPU time, user and system, from the first creation to the end of the last
// sleeper, and at the moment when all are asleep, after a collection: what the
// runtime has taken from the system (Sys), and the stacks and heap in use.
// The CPU time of that collection, while nothing else runs, is taken off; what
// collections the program itself needed on the way stay in. One operation is
// one sleeper.
//
// Not measured: the wall time, which is mostly sleep, and sleepers with deep
// stacks or large variables.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/benchmarks/internal/command"
)

// childEnv holds the order for a child process, as JSON.
const childEnv = "ASYNCIO_BENCHMARKS_CHILD"

func sleeperSubjects(sleep time.Duration) []subject {
	return []subject{{
		name: "sleeping tasks", op: "sleeper", rounds: 3, ops: fewOps,
		ours: contender{name: "asyncio", outside: inChild("tasks"), body: sleepHere(sleepTasks, sleep)},
		bases: []base{{
			contender{name: "goroutines", outside: inChild("goroutines"), body: sleepHere(sleepGoroutines, sleep)},
			[]target{{cpu, 1.0}, {sys, 1.18}, {inUse, 1.18}},
		}},
	}}
}

// sleepHere lets n sleepers sleep in this process, and fails if they were not
// all asleep at the same moment.
func sleepHere(sleepAll func(*dormitory) error, sleep time.Duration) body {
	return func(_ timer, n int) error {
		d := &dormitory{count: n, sleep: sleep}
		if err := sleepAll(d); err != nil {
			return err
		}
		if d.apart.Load() {
			return fmt.Errorf("the first of %d sleepers slept for %v and woke up before the last lay down", n, sleep)
		}
		return expect("sleepers that woke up", int(d.ended.Load()), n)
	}
}

// order is what a child process is told to do.
type order struct {
	Who   string // "tasks" or "goroutines"
	Count int
	Sleep time.Duration
}

// account is what a child process reports.
type account struct {
	CPU        time.Duration
	Sys, InUse uint64
	Together   bool // all were asleep when the memory was measured
}

// inChild returns a function that measures sleepers in a process of their own.
func inChild(who string) func(settings) (sample, error) {
	return func(s settings) (sample, error) {
		// On a slow machine the first wake up before the last have begun: then
		// all have to sleep longer.
		for sleep := s.sleep; ; sleep *= 2 {
			got, err := order{who, s.sleepers, sleep}.give()
			if err != nil || got.Together {
				return got.sample(s.sleepers), err
			}
		}
	}
}

// give has a child process do what is ordered.
func (o order) give() (account, error) {
	told, err := json.Marshal(o)
	if err != nil {
		return account{}, err
	}
	self, err := os.Executable()
	if err != nil {
		return account{}, err
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childEnv+"="+string(told))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return account{}, err
	}
	var got account
	err = json.Unmarshal(out, &got)
	return got, err
}

// sample divides the account among the sleepers.
func (a account) sample(count int) sample {
	s := newSample()
	if haveCPUTime {
		s[cpu] = float64(a.CPU) / float64(count)
	}
	s[sys] = float64(a.Sys) / float64(count)
	s[inUse] = float64(a.InUse) / float64(count)
	return s
}

// obey does what a parent process ordered, if one did.
func obey() (obeyed bool, err error) {
	var o order
	if ordered, err := command.Ordered(childEnv, &o); !ordered || err != nil {
		return ordered, err
	}
	sleepAll, ok := map[string]func(*dormitory) error{"tasks": sleepTasks, "goroutines": sleepGoroutines}[o.Who]
	if !ok {
		return true, fmt.Errorf("nobody is called %q", o.Who)
	}
	got, err := measureSleep(&dormitory{count: o.Count, sleep: o.Sleep}, sleepAll)
	if err != nil {
		return true, err
	}
	return true, json.NewEncoder(os.Stdout).Encode(got)
}

// measureSleep lets all of d's sleepers sleep.
func measureSleep(d *dormitory, sleepAll func(*dormitory) error) (account, error) {
	start := cpuTime()
	seen := make(chan account, 1)
	go func() { seen <- d.watch() }()
	if err := sleepAll(d); err != nil {
		return account{}, err
	}
	total := cpuTime() - start
	got := <-seen
	got.CPU = total - got.CPU
	if int(d.ended.Load()) != d.count {
		return account{}, errors.New("not all sleepers woke up")
	}
	return got, nil
}

// dormitory counts those who go to sleep and those who get up, on both sides
// alike.
type dormitory struct {
	count         int
	sleep         time.Duration
	asleep, ended atomic.Int64
	apart         atomic.Bool // the first were up before the last lay down
}

// lieDown counts one more who goes to sleep.
func (d *dormitory) lieDown() {
	if int(d.asleep.Add(1)) == d.count && d.ended.Load() > 0 {
		d.apart.Store(true)
	}
}

// howLong spreads the ends over a second.
func (d *dormitory) howLong(i int) time.Duration {
	return d.sleep + time.Duration(i*7919%1000)*time.Millisecond
}

// watch measures the memory when all are asleep. The CPU time it returns is
// its own.
func (d *dormitory) watch() account {
	for int(d.asleep.Load()) < d.count {
		time.Sleep(5 * time.Millisecond)
	}
	time.Sleep(100 * time.Millisecond) // the last ones have counted themselves, but sleep only now
	start := cpuTime()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return account{
		CPU:      cpuTime() - start,
		Sys:      m.Sys,
		InUse:    m.HeapInuse + m.StackInuse,
		Together: d.ended.Load() == 0,
	}
}

func sleepTasks(d *dormitory) error {
	return run(func(ctx context.Context) error {
		return asyncio.WithTaskGroup(ctx, func(_ context.Context, tg *asyncio.TaskGroup) error {
			for i := range d.count {
				tg.Go(func(ctx context.Context) error {
					d.lieDown()
					err := asyncio.Sleep(ctx, d.howLong(i))
					d.ended.Add(1)
					return err
				})
			}
			return nil
		})
	})
}

func sleepGoroutines(d *dormitory) error {
	var wg sync.WaitGroup
	for i := range d.count {
		wg.Go(func() {
			d.lieDown()
			time.Sleep(d.howLong(i))
			d.ended.Add(1)
		})
	}
	wg.Wait()
	return nil
}
