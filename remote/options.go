package remote

import (
	"fmt"
	"runtime"
	"time"

	"github.com/nats-io/nats.go"
)

// An Option changes an Executor: Window, Client, NATS, and the options for
// workers as well, Prefix, Replicas and MaxJobs.
type Option interface{ applyExecutor(*executorConfig) }

// A WorkerOption changes a worker: Parallel, OnLoop, Drain, Lease, WorkerName, Prefix,
// Replicas and MaxJobs.
type WorkerOption interface{ applyWorker(*workerConfig) }

// A SharedOption has to be the same for clients and workers.
type SharedOption interface {
	Option
	WorkerOption
}

// A setup is what clients and workers have to agree on: where the streams are, and how
// they are made by whoever comes first.
type setup struct {
	names
	replicas int
	maxJobs  int64
}

type executorConfig struct {
	setup
	window int
	client string
	nats   []nats.Option
	every  time.Duration // how often the executor looks around
}

type workerConfig struct {
	setup
	parallel int
	onLoop   bool
	drain    time.Duration
	lease    time.Duration
	worker   string
}

func newSetup() setup { return setup{names: names{"asyncio"}, replicas: 1, maxJobs: 1_000_000} }

func newExecutorConfig() *executorConfig {
	return &executorConfig{setup: newSetup(), window: 1000, every: lookEvery}
}

func newWorkerConfig() *workerConfig {
	return &workerConfig{setup: newSetup(), parallel: runtime.GOMAXPROCS(0), drain: 30 * time.Second, lease: defaultLease}
}

// defaultLease lets the job of a worker that was killed run again within 15 seconds.
const defaultLease = 10 * time.Second

type sharedOption func(*setup)

func (o sharedOption) applyExecutor(c *executorConfig) { o(&c.setup) }
func (o sharedOption) applyWorker(c *workerConfig)     { o(&c.setup) }

type executorOption func(*executorConfig)

func (o executorOption) applyExecutor(c *executorConfig) { o(c) }

type workerOption func(*workerConfig)

func (o workerOption) applyWorker(c *workerConfig) { o(c) }

// Prefix begins the names of all streams and subjects. Clients and workers with different
// prefixes know nothing of each other. The default is "asyncio". It panics if the prefix
// is not made of 1 to 64 letters, digits, underlines and hyphens of ASCII.
func Prefix(prefix string) SharedOption {
	if err := checkName("the prefix", prefix); err != nil {
		panic(err.Error())
	}
	return sharedOption(func(s *setup) { s.names = names{prefix} })
}

// Replicas sets on how many servers of a cluster each stream is kept: 1, 3 or 5. It counts
// for whoever connects first and so makes the streams. The default is 1.
func Replicas(n int) SharedOption {
	if n < 0 || n > 5 {
		panic(fmt.Sprintf("remote: Replicas(%d): 1, 3 or 5", n))
	}
	return sharedOption(func(s *setup) { s.replicas = max(n, 1) })
}

// MaxJobs sets how many jobs may be queued or running before Submit returns ErrFull. It
// counts for whoever connects first and so makes the streams. The default is a million;
// negative is no limit.
func MaxJobs(n int) SharedOption {
	return sharedOption(func(s *setup) {
		if s.maxJobs = int64(n); n == 0 {
			s.maxJobs = 1_000_000
		}
	})
}

// Window sets how many jobs of an Executor may be pending at once; Submit suspends, and
// Map stops reading its input, while there are so many. The default is 1,000; negative is
// no limit.
func Window(n int) Option {
	return executorOption(func(c *executorConfig) {
		if c.window = n; n == 0 {
			c.window = 1000
		}
	})
}

// Client sets the name under which an Executor submits. A program that attaches to its
// jobs after a restart needs the same name again; two programs must not use one name at
// the same time. The default is a new name each time. It panics if the name is not made of
// 1 to 64 letters, digits, underlines and hyphens of ASCII.
func Client(id string) Option {
	if err := checkName("the name of a client,", id); err != nil {
		panic(err.Error())
	}
	return executorOption(func(c *executorConfig) { c.client = id })
}

// NATS gives options to nats.Connect, in Connect: TLS, nkeys, credentials, names.
func NATS(opts ...nats.Option) Option {
	return executorOption(func(c *executorConfig) { c.nats = append(c.nats, opts...) })
}

// Parallel sets how many jobs a worker runs at once, of all its functions. The default is
// runtime.GOMAXPROCS(0).
func Parallel(n int) WorkerOption {
	if n < 0 {
		panic(fmt.Sprintf("remote: Parallel(%d): a worker runs at least one job at once", n))
	}
	return workerOption(func(c *workerConfig) {
		if n > 0 {
			c.parallel = n
		}
	})
}

// OnLoop makes the functions run as coroutines on the loop of Serve, for work that waits
// for the network. Without it they run in a WorkerPool, for work that needs a core. As in
// every task, a runtime.Goexit in such a function ends the loop, and with it the worker.
func OnLoop() WorkerOption { return workerOption(func(c *workerConfig) { c.onLoop = true }) }

// Drain sets how long jobs may go on after SIGTERM; then their contexts are canceled, and
// they are given back, to be run by another worker. The default is 30 s; negative is no
// limit.
func Drain(d time.Duration) WorkerOption {
	return workerOption(func(c *workerConfig) {
		if c.drain = d; d == 0 {
			c.drain = 30 * time.Second
		}
	})
}

// Lease sets for how long the server takes a worker to be alive that it has not heard of:
// after that, another one gets the job. A worker says that it is alive three times as
// often. All workers of a function have to have the same lease: the first decides, and
// Serve returns an error if they differ. The default is 10 s, and the least a second.
func Lease(d time.Duration) WorkerOption {
	if d != 0 && d < time.Second {
		panic(fmt.Sprintf("remote: Lease(%v): at least a second", d))
	}
	return workerOption(func(c *workerConfig) {
		if c.lease = d; d == 0 {
			c.lease = defaultLease
		}
	})
}

// WorkerName sets the name of a worker in results, errors and lists. The default is the
// name of the host and a number. It panics if the name is not made of 1 to 64 letters,
// digits, underlines and hyphens of ASCII.
func WorkerName(name string) WorkerOption {
	if err := checkName("the name of a worker,", name); err != nil {
		panic(err.Error())
	}
	return workerOption(func(c *workerConfig) { c.worker = name })
}
