package remote

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/option"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Serve makes the calling task a worker, which runs jobs of the functions until the process
// gets SIGTERM. It suspends the task. The connection stays the caller's, and should be one
// that connects again by itself, as those of Dial do.
//
// After SIGTERM, which Serve catches for as long as it runs, it asks for no more jobs, lets
// those that run end (see Drain), and returns nil. A second SIGTERM cancels the contexts of
// their functions at once. If ctx is canceled, the contexts of the functions are canceled,
// too, and Serve returns an error that is ErrCanceled. In both cases, jobs that have not
// ended are given back, and run again elsewhere; it does not count as the death of a
// worker. A function in the pool that goes on for more than a second after its context was
// canceled is left alone; a coroutine on the loop is waited for.
//
// Serve returns an error at once for no function, a function twice with one version, a nil
// connection, and workers with another Lease; ErrNoRunningLoop outside a loop; and later,
// when it can serve no longer: the stream or the consumer was deleted, a permission is
// missing, or the server refuses results for good, because the stream is full, for example. A lost connection is no error: Serve goes on when there is a new one.
//
// In Python: the command celery worker, and distributed.Worker.
func Serve(ctx context.Context, nc *nats.Conn, fns []Registered, opts ...WorkerOption) error {
	loop := asyncio.RunningLoop(ctx)
	if loop == nil {
		return asyncio.ErrNoRunningLoop
	}
	cfg := newWorkerConfig()
	option.Apply(cfg, opts, WorkerOption.applyWorker)
	if cfg.worker == "" {
		cfg.worker = defaultWorkerName()
	}
	served, err := servedBy(nc, fns)
	if err != nil {
		return err
	}
	w := &worker{
		cfg: cfg, nc: nc, served: served, loop: loop, ctx: context.WithoutCancel(ctx), since: time.Now(),
		ends: asyncio.NewQueue[error](0), idle: new(asyncio.Event), finishing: asyncio.NewSemaphore(resultsOnTheirWay),
		jobs: map[*delivery]struct{}{}, enders: newEnders(), mail: mailbox{loop: loop},
	}
	w.ending, w.stopping = context.WithCancel(context.Background())
	defer w.stopping()
	return w.serve(ctx)
}

// A served function is one that a worker serves.
type served struct {
	*definition
	consumer jetstream.Consumer
}

func servedBy(nc *nats.Conn, fns []Registered) ([]*served, error) {
	switch {
	case nc == nil:
		return nil, errors.New("remote: Serve without a connection: get one from Dial")
	case len(fns) == 0:
		return nil, errors.New("remote: Serve without a function: make one with Define")
	}
	var all []*served
	for _, fn := range fns {
		if fn == nil {
			return nil, errors.New("remote: Serve of a nil function: make it with Define")
		}
		s := &served{definition: fn.definition()}
		if slices.ContainsFunc(all, func(o *served) bool { return o.title() == s.title() }) {
			return nil, fmt.Errorf("remote: Serve has the function %q twice with version %q: give one of them another Version", s.name, s.version)
		}
		all = append(all, s)
	}
	return all, nil
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_-]+`)

// defaultWorkerName tells apart the workers of a host, also those in one process.
func defaultWorkerName() string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "worker"
	}
	host = notInNames.ReplaceAllString(host, "-")
	number := "-" + strconv.Itoa(os.Getpid())
	if n := workersMade.Add(1); n > 1 {
		number += "-" + strconv.FormatUint(n, 10)
	}
	return host[:min(len(host), 64-len(number))] + number
}

// A worker is one call of Serve.
type worker struct {
	cfg     *workerConfig
	nc      *nats.Conn
	js      jetstream.JetStream
	streams streams
	served  []*served
	loop    *asyncio.Loop
	ctx     context.Context // of Serve's task, without its cancellation
	since   time.Time
	clock   serverClock
	leases  *leases
	cancels *cancels
	fetcher *fetcher
	maxSize int // of a message with a result

	ending   context.Context // done when the functions that run are to end
	stopping context.CancelFunc

	// Of the loop.
	pool      *asyncio.WorkerPool
	ends      *asyncio.Queue[error] // why to end: nil is SIGTERM
	idle      *asyncio.Event        // no more jobs will begin, and none is left
	finishing *asyncio.Semaphore

	enders enders
	mail   mailbox

	mu       sync.Mutex
	jobs     map[*delivery]struct{} // from the delivery to the acknowledgment
	done     uint64
	draining bool
	left     bool // the fetcher has ended
}

// serve opens what a worker needs, and closes it in the end.
func (w *worker) serve(ctx context.Context) (err error) {
	if err := asyncio.ToThreadFunc(ctx, w.open); err != nil {
		return err
	}
	var closers []func()
	defer func() {
		for _, c := range slices.Backward(closers) {
			c()
		}
	}()
	closers = append(closers, w.enders.stop)
	if w.leases, err = newLeases(w.nc, w.cfg.lease); err != nil {
		return err
	}
	closers = append(closers, w.leases.close)
	w.cancels = newCancels(w.cfg.setup, w.js, w.cancelRunning)
	closers = append(closers, w.cancels.stop) // it may be opened although ctx is canceled meanwhile
	if err := asyncio.ToThreadFunc(ctx, func(ctx context.Context) error { return w.cancels.open(ctx, w.streams.cancels) }); err != nil {
		return fmt.Errorf("remote: stream %s: %w", w.cfg.names.cancels(), err)
	}
	sub, err := w.nc.Subscribe(w.cfg.workers(), w.answer)
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	closers = append(closers, func() { _ = sub.Unsubscribe() }) // the connection may be closed
	if !w.cfg.onLoop {
		w.pool = asyncio.NewWorkerPool(w.cfg.parallel)
		closers = append(closers, w.closePool)
	}
	signals := asyncio.Go(ctx, w.catchSignals, asyncio.Name("remote.Serve: signals"), asyncio.Eager())
	closers = append(closers, func() { signals.Cancel() })
	stopClock := w.clock.keep(w.served[0].consumer)
	closers = append(closers, stopClock)
	w.fetcher = newFetcher(w)
	return w.untilTheEnd(ctx)
}

// catchSignals tells the worker of each SIGTERM.
func (w *worker) catchSignals(ctx context.Context) error {
	for _, err := range asyncio.Signals(ctx, syscall.SIGTERM) {
		if err == nil {
			err = w.ends.TryPut(nil)
		}
		if err != nil && ctx.Err() == nil { // deaf to SIGTERM, it could not be ended
			w.fail(fmt.Errorf("remote: waiting for SIGTERM: %w", err))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// fail ends the worker with an error. Any goroutine may call it.
func (w *worker) fail(err error) {
	_ = w.loop.CallSoonThreadsafe(func() { _ = w.ends.TryPut(err) }) // a loop that has ended needs no reason
}

// closePool does not wait for functions that were left alone.
func (w *worker) closePool() {
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	_ = w.pool.Shutdown(ctx) // it says that ctx is canceled
}

// open runs in a thread.
func (w *worker) open(ctx context.Context) (err error) {
	if w.js, err = jetstream.New(w.nc); err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	if w.streams, err = w.cfg.open(ctx, w.js); err != nil {
		return err
	}
	w.maxSize = int(w.nc.MaxPayload())
	if most := int(w.streams.results.CachedInfo().Config.MaxMsgSize); most > 0 {
		w.maxSize = min(w.maxSize, most)
	}
	for _, s := range w.served {
		if s.consumer, err = w.openConsumer(ctx, s); err != nil {
			return fmt.Errorf("remote: the consumer of the function %q, version %q: %w", s.name, s.version, explained(err))
		}
	}
	return nil
}

const (
	unlimited = -1
	// maxWaiting is how many workers may wait for jobs of one function at a time. The
	// server's own default is 512.
	maxWaiting = 1 << 14
)

// openConsumer returns the consumer that all workers of a function share.
func (w *worker) openConsumer(ctx context.Context, s *served) (jetstream.Consumer, error) {
	c := jetstream.ConsumerConfig{
		Durable: s.title(), FilterSubject: w.cfg.jobsOf(s.name, s.version),
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: w.cfg.lease,
		MaxDeliver: unlimited, MaxAckPending: unlimited, MaxWaiting: maxWaiting,
	}
	have, err := w.streams.jobs.Consumer(ctx, s.title())
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		have, err = w.streams.jobs.CreateConsumer(ctx, c)
		if errors.Is(err, jetstream.ErrConsumerExists) { // someone else was faster
			have, err = w.streams.jobs.Consumer(ctx, s.title())
		}
	}
	if err != nil {
		return nil, err
	}
	info := have.CachedInfo()
	switch {
	case info.Config.AckWait == w.cfg.lease:
		return have, nil
	case info.NumWaiting > 0 || info.NumAckPending > 0:
		return nil, fmt.Errorf("its workers have a lease of %v, and this one asks for %v: use remote.Lease(%[1]v), or end them first", info.Config.AckWait, w.cfg.lease)
	}
	c.DeliverPolicy, c.ReplayPolicy, c.MaxWaiting = info.Config.DeliverPolicy, info.Config.ReplayPolicy, info.Config.MaxWaiting
	return w.streams.jobs.UpdateConsumer(ctx, c)
}

// workersMade counts the workers of this process.
var workersMade atomic.Uint64
