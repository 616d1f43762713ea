package remote

import (
	"context"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nuid"
)

// An Executor submits jobs and receives their results. It belongs to the loop on which it
// was made: Func.Submit, Func.Map, Func.Attach and the methods of a Job are for tasks of
// that loop, and panic elsewhere. Any goroutine may call its own methods. In Python:
// concurrent.futures.Executor, Client of Dask.
//
// It is no asyncio.Executor: a closure cannot travel to another machine.
type Executor struct {
	config executorConfig
	nc     *nats.Conn
	owned  bool // the connection is the executor's, and ends with it

	loop *asyncio.Loop
	core *engine.Loop
	base context.Context // for tasks of the executor's: it has the loop, and is not canceled

	ended   context.Context // done when the executor is: for calls of the network
	end     context.CancelCauseFunc
	unwatch func() bool // forgets the context of NewExecutor

	network network
	mail    mailbox
	lanes   lanes

	window      *asyncio.Semaphore // a permit for each pending job that this executor has submitted
	unconfirmed *asyncio.Semaphore // a permit for each publication of a job on its way
	functions   functions
	looking     bool         // lookAgain is at it
	maxInput    atomic.Int64 // the size of a message, with headers, that the server takes

	mu      sync.Mutex
	pending map[string]*jobState // by id; changed on the loop only, and read elsewhere, too

	submitted, done, failed, canceled atomic.Uint64
}

// maxUnconfirmed bounds how many jobs are published and not yet confirmed.
const maxUnconfirmed = 256

// callTimeout bounds one request to the server.
const callTimeout = 5 * time.Second

// Connect is Dial and NewExecutor in one: Close, or the end of ctx, closes the connection
// as well. It suspends the calling task; if ctx is canceled meanwhile, it returns an error
// that is ErrCanceled, and nothing stays open. If no server answers at url, its error says
// how to start one. In Python: Client of Dask.
func Connect(ctx context.Context, url string, opts ...Option) (*Executor, error) {
	c := newExecutorConfig()
	option.Apply(c, opts, Option.applyExecutor)
	nc, err := Dial(ctx, url, c.nats...)
	if err != nil {
		return nil, err
	}
	return open(ctx, nc, c, true)
}

// NewExecutor returns an executor on a connection, which stays the caller's. It makes the
// streams if it is the first to come. It suspends the calling task; if ctx is canceled
// meanwhile, it returns an error that is ErrCanceled. It has to be called in a task.
//
// The executor ends with ctx, or with Close, or with the connection. Then what waits for
// its pending jobs gets ErrClosed; the jobs themselves go on, and an executor with the same
// name (see Client) can attach to them.
func NewExecutor(ctx context.Context, nc *nats.Conn, opts ...Option) (*Executor, error) {
	if nc == nil {
		panic("remote: NewExecutor with a nil connection: make one with Dial, or use Connect")
	}
	c := newExecutorConfig()
	option.Apply(c, opts, Option.applyExecutor)
	return open(ctx, nc, c, false)
}

func open(ctx context.Context, nc *nats.Conn, c *executorConfig, owned bool) (*Executor, error) {
	loop := asyncio.RunningLoop(ctx)
	if loop == nil {
		return nil, asyncio.ErrNoRunningLoop
	}
	if c.client == "" {
		c.client = nuid.Next()
	}
	x := &Executor{
		config: *c, nc: nc, owned: owned,
		loop: loop, core: engine.LoopOf(ctx), base: context.WithoutCancel(ctx),
		unconfirmed: asyncio.NewSemaphore(maxUnconfirmed),
		pending:     map[string]*jobState{},
		functions:   functions{served: map[string]bool{}, asking: map[string]*asyncio.Task[struct{}]{}},
	}
	x.window = asyncio.NewSemaphore(x.windowSize())
	x.window.SetName("window")
	x.unconfirmed.SetName("unconfirmed jobs")
	x.mail.loop = loop
	x.lanes.loop = x.core
	x.ended, x.end = context.WithCancelCause(context.WithoutCancel(ctx))
	_, err := asyncio.ToThread(ctx, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, x.network.open(ctx, x)
	})
	if err != nil {
		x.end(ErrClosed)
		go x.network.close(x)
		return nil, err
	}
	x.unwatch = context.AfterFunc(ctx, func() { x.close(ErrClosed) })
	return x, nil
}

func (x *Executor) windowSize() int {
	if x.config.window < 0 {
		return math.MaxInt32
	}
	return x.config.window
}

// Close ends the executor: see NewExecutor. What was told to the server before, such as
// cancellations, is still sent. It does not suspend, and any goroutine may call it, any
// number of times. In Python: Executor.shutdown(wait=False).
func (x *Executor) Close() error {
	x.mustBeMade("Close")
	x.unwatch()
	x.close(ErrClosed)
	return nil
}

// close ends the executor for a reason, once.
func (x *Executor) close(why error) {
	x.mu.Lock()
	first := x.ended.Err() == nil
	x.end(why)
	x.mu.Unlock()
	if !first {
		return
	}
	if x.core.OnLoop() {
		x.abandon()
	} else {
		_ = x.loop.CallSoonThreadsafe(x.abandon) // a loop that has ended has no tasks that wait
	}
	go x.network.close(x)
}

// abandon ends what waits for pending jobs.
func (x *Executor) abandon() {
	x.mu.Lock()
	jobs := make([]*jobState, 0, len(x.pending))
	for _, j := range x.pending {
		jobs = append(jobs, j)
	}
	x.mu.Unlock()
	for _, j := range jobs {
		j.settle(nil, j.errorf(context.Cause(x.ended)))
		j.target.look() // whoever closes the executor knows it
	}
}

// closed returns the reason for which the executor has ended, or nil.
func (x *Executor) closed() error {
	if x.ended.Err() == nil {
		return nil
	}
	return context.Cause(x.ended)
}

// mustBeHere returns an error if the executor has ended, or if ctx is outside of a loop,
// and panics on the wrong loop.
func (x *Executor) mustBeHere(ctx context.Context, op string) error {
	x.mustBeMade(op)
	switch {
	case engine.LoopOf(ctx) == nil:
		return asyncio.ErrNoRunningLoop
	case engine.LoopOf(ctx) != x.core:
		panic("remote: " + op + " with the Executor of another loop: make one for each loop, or go there with asyncio.RunOn")
	}
	x.core.Check(op)
	if err := x.closed(); err != nil {
		return fmt.Errorf("remote: %s: %w", op, err)
	}
	return nil
}

func (x *Executor) mustBeMade(op string) {
	if x == nil || x.core == nil {
		panic("remote: " + op + " with an Executor that is nil or zero: make it with Connect or NewExecutor")
	}
}

// call makes requests to the server on a goroutine of its own. The context of fn ends with
// the executor, and after a while. An error of fn when nobody waits for it any more is not
// reported: it says that the executor has ended, or that a question was left without answer.
func call[T any](ctx context.Context, x *Executor, fn func(ctx context.Context) (T, error)) (T, error) {
	var failed error
	v, err := asyncio.ToThread(ctx, func(ctx context.Context) (v T, _ error) {
		ctx, cancel := context.WithTimeout(ctx, callTimeout)
		defer cancel()
		defer context.AfterFunc(x.ended, cancel)()
		v, failed = fn(ctx)
		return v, nil
	})
	if err != nil { // fn may still run
		return v, err
	}
	return v, failed
}

// ClientID returns the name under which the executor submits: that of Client, or its own.
// A Job's ID is unique among those of one name. Any goroutine may call it.
func (x *Executor) ClientID() string {
	x.mustBeMade("ClientID")
	return x.config.client
}

// Stats are the figures of an Executor.
type Stats struct {
	Submitted uint64 // jobs that were submitted, or attached to
	Pending   int    // of these: that have not ended
	Done      uint64 // that have a result
	Failed    uint64 // that have ended with an error, also those that ended here with ErrClosed
	Canceled  uint64
}

// Stats returns the executor's figures, for metrics. Any goroutine may call it.
func (x *Executor) Stats() Stats {
	x.mustBeMade("Stats")
	x.mu.Lock()
	pending := len(x.pending)
	x.mu.Unlock()
	return Stats{
		Submitted: x.submitted.Load(), Pending: pending,
		Done: x.done.Load(), Failed: x.failed.Load(), Canceled: x.canceled.Load(),
	}
}

// find returns the pending job with an id, or nil. Any goroutine may call it.
func (x *Executor) find(id string) *jobState {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.pending[id]
}
