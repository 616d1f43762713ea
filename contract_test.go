package asyncio_test

import (
	"context"
	"iter"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
)

// The names and signatures that programs elsewhere are compiled against. This
// file need not run: it must compile.
type (
	taskBodyFunc   = func(context.Context) error
	groupBodyFunc  = func(context.Context, *asyncio.TaskGroup) error
	threadFunc     = func(context.Context) (int, error)
	awaitableOfInt = asyncio.Awaitable[int]
)

var (
	_ func(context.Context, func(context.Context) error, ...asyncio.Option) error           = asyncio.Run
	_ func(context.Context, asyncio.Coro[int], ...asyncio.Option) (int, error)              = asyncio.RunValue[int]
	_ func(...asyncio.Option) *asyncio.Runner                                               = asyncio.NewRunner
	_ func(bool) asyncio.Option                                                             = asyncio.Debug
	_ func(*asyncio.Hooks) asyncio.Option                                                   = asyncio.Observe
	_ func(func(asyncio.ExceptionContext)) asyncio.Option                                   = asyncio.OnException
	_ func(time.Duration) asyncio.Option                                                    = asyncio.SlowStep
	_ func() asyncio.Option                                                                 = asyncio.HandleInterrupt
	_ func(context.Context, asyncio.Coro[int], ...asyncio.TaskOption) *asyncio.Task[int]    = asyncio.CreateTask[int]
	_ func(context.Context, taskBodyFunc, ...asyncio.TaskOption) *asyncio.Task[struct{}]    = asyncio.Go
	_ func(string) asyncio.TaskOption                                                       = asyncio.Name
	_ func() asyncio.TaskOption                                                             = asyncio.Eager
	_ func(context.Context) asyncio.TaskInfo                                                = asyncio.CurrentTask
	_ func(context.Context) []asyncio.TaskInfo                                              = asyncio.AllTasks
	_ func(context.Context) *asyncio.Future[int]                                            = asyncio.NewFuture[int]
	_ func(context.Context, ...awaitableOfInt) ([]int, error)                               = asyncio.Gather[int]
	_ func(context.Context, ...awaitableOfInt) ([]asyncio.Result[int], error)               = asyncio.GatherSettled[int]
	_ func(context.Context, ...awaitableOfInt) (int, error)                                 = asyncio.Race[int]
	_ func(context.Context, ...awaitableOfInt) (int, error)                                 = asyncio.Any[int]
	_ func(context.Context, ...awaitableOfInt) iter.Seq2[int, error]                        = asyncio.AsCompleted[int]
	_ func(context.Context, ...awaitableOfInt) iter.Seq2[int, asyncio.Result[int]]          = asyncio.AsCompletedIndex[int]
	_ func([]*asyncio.Task[int]) []awaitableOfInt                                           = asyncio.Awaitables[*asyncio.Task[int]]
	_ func(context.Context, awaitableOfInt, time.Duration) (int, error)                     = asyncio.WaitFor[int]
	_ func(context.Context, awaitableOfInt) (int, error)                                    = asyncio.Shield[int]
	_ func(context.Context, time.Duration) error                                            = asyncio.Sleep
	_ func(context.Context) error                                                           = asyncio.Yield
	_ func(context.Context, func())                                                         = asyncio.NoSuspend
	_ func(context.Context, groupBodyFunc, ...asyncio.GroupOption) error                    = asyncio.WithTaskGroup
	_ func(*asyncio.TaskGroup, taskBodyFunc, ...asyncio.TaskOption) *asyncio.Task[struct{}] = (*asyncio.TaskGroup).Go
	_ func(*asyncio.TaskGroup, asyncio.Coro[int], ...asyncio.TaskOption) *asyncio.Task[int] = asyncio.Spawn[int]
	_ func(*asyncio.TaskGroup)                                                              = (*asyncio.TaskGroup).Cancel
	_ func(int) asyncio.GroupOption                                                         = asyncio.Limit
	_ func() asyncio.GroupOption                                                            = asyncio.Supervised
	_ func(context.Context, time.Duration, taskBodyFunc) error                              = asyncio.WithTimeout
	_ func(context.Context, time.Time, taskBodyFunc) error                                  = asyncio.WithTimeoutAt
	_ func(context.Context) *asyncio.Timeout                                                = asyncio.TimeoutOf
	_ func(context.Context, threadFunc) (int, error)                                        = asyncio.ToThread[int]
	_ func(context.Context, func(context.Context) error) error                              = asyncio.ToThreadFunc
	_ func(context.Context, *asyncio.Loop, asyncio.Coro[int]) (int, error)                  = asyncio.RunOn[int]
	_ func(context.Context, *asyncio.Loop, func(context.Context) error) error               = asyncio.RunOnFunc
	_ func(context.Context, ...os.Signal) iter.Seq2[os.Signal, error]                       = asyncio.Signals
	_ func(context.Context, <-chan int) (int, bool, error)                                  = asyncio.Receive[int]
	_ func(context.Context, chan<- int, int) error                                          = asyncio.Send[int]
	_ func(error, ...error) (matching, rest error)                                          = asyncio.ExceptIs
	_ func(error) (matching []*asyncio.PanicError, rest error)                              = asyncio.ExceptAs[*asyncio.PanicError]
	_ func(int) *asyncio.WorkerPool                                                         = asyncio.NewWorkerPool
	_ func(context.Context, asyncio.Executor, threadFunc) *asyncio.Future[int]              = asyncio.RunInExecutor[int]
	_ func(*asyncio.Loop, asyncio.Coro[int]) *asyncio.ConcurrentFuture[int]                 = asyncio.RunCoroutineThreadsafe[int]
	_ func(context.Context) *asyncio.Loop                                                   = asyncio.RunningLoop

	_ func(asyncio.Coro[int], context.Context) (int, error)                                 = asyncio.Coro[int].Await
	_ func(context.Context, awaitableOfInt, asyncio.Awaitable[string]) (int, string, error) = asyncio.Gather2[int, string]

	_ func(context.Context, []*asyncio.Task[int], asyncio.ReturnWhen, time.Duration) (done, pending []*asyncio.Task[int], err error) = asyncio.Wait[*asyncio.Task[int]]
	_ func(context.Context, awaitableOfInt, asyncio.Awaitable[string], asyncio.Awaitable[bool]) (int, string, bool, error)           = asyncio.Gather3[int, string, bool]

	_ = []asyncio.ReturnWhen{asyncio.AllCompleted, asyncio.FirstCompleted, asyncio.FirstException}
	_ = []asyncio.Waitable{(*asyncio.Task[int])(nil), (*asyncio.Future[string])(nil)}
	_ = []awaitableOfInt{asyncio.Coro[int](nil), (*asyncio.Task[int])(nil), (*asyncio.Future[int])(nil)}
	_ = asyncio.Result[int]{Value: 1, Err: nil}
	_ = asyncio.PanicError{Value: any(nil), Stack: []byte(nil)}
	_ = asyncio.ExceptionGroup{Message: "", Errors: []error(nil)}
	_ = []error{
		asyncio.ErrCanceled, asyncio.ErrTimeout, asyncio.ErrInvalidState, asyncio.ErrNoRunningLoop, asyncio.ErrLoopClosed,
		asyncio.ErrQueueEmpty, asyncio.ErrQueueFull, asyncio.ErrQueueShutDown, asyncio.ErrBrokenBarrier,
		asyncio.ErrSemaphoreLimit,
	}
	_ asyncio.Executor = (*asyncio.WorkerPool)(nil)
)

var (
	_ interface {
		Run(context.Context, func(context.Context) error) error
		Loop() *asyncio.Loop
		Close() error
	} = (*asyncio.Runner)(nil)
	_ interface {
		Await(context.Context) (int, error)
		Result() (int, error)
		Done() bool
		Canceled() bool
		Cancel() bool
		CancelCause(error) bool
		Name() string
		AddDoneCallback(func(*asyncio.Task[int])) func() bool
	} = (*asyncio.Task[int])(nil)
	_ interface {
		Await(context.Context) (int, error)
		Result() (int, error)
		Done() bool
		Canceled() bool
		Cancel() bool
		AddDoneCallback(func(*asyncio.Future[int])) func() bool
		SetResult(int) error
		SetError(error) error
	} = (*asyncio.Future[int])(nil)
	_ interface {
		When() (time.Time, bool)
		Reschedule(time.Time)
		Expired() bool
	} = (*asyncio.Timeout)(nil)
	_ interface {
		Wait(context.Context) (int, error)
		Cancel() bool
	} = (*asyncio.ConcurrentFuture[int])(nil)
	_ interface {
		CallSoon(func()) *asyncio.Handle
		CallLater(time.Duration, func()) *asyncio.TimerHandle
		CallAt(time.Time, func()) *asyncio.TimerHandle
		CallSoonThreadsafe(func()) error
		Now() time.Time
		Stop()
		AddSignalHandler(os.Signal, func()) error
		RemoveSignalHandler(os.Signal) bool
		AddReader(fd uintptr, fn func()) error
		AddWriter(fd uintptr, fn func()) error
		RemoveReader(fd uintptr) bool
		RemoveWriter(fd uintptr) bool
		SetExceptionHandler(func(asyncio.ExceptionContext))
		SetDebug(bool)
		Stats() asyncio.LoopStats
	} = (*asyncio.Loop)(nil)
	_ interface {
		Cancel()
		Canceled() bool
	} = (*asyncio.Handle)(nil)
	_ interface {
		Cancel()
		Canceled() bool
		When() time.Time
	} = (*asyncio.TimerHandle)(nil)
	_ interface {
		error
		Unwrap() []error
		Split(func(error) bool) (match, rest error)
		Subgroup(func(error) bool) error
	} = (*asyncio.ExceptionGroup)(nil)
)

type lockLike interface {
	Acquire(context.Context) error
	Release()
	Locked() bool
	With(context.Context, func() error) error
}

type tryLockLike interface {
	lockLike
	TryAcquire() bool
}

type queueOfInt interface {
	Put(context.Context, int) error
	TryPut(int) error
	Get(context.Context) (int, error)
	TryGet() (int, error)
	TaskDone()
	Join(context.Context) error
	Shutdown(bool)
	Len() int
	Cap() int
	Empty() bool
	Full() bool
	All(context.Context) iter.Seq2[int, error]
}

var (
	_ tryLockLike = new(asyncio.Lock)
	_ tryLockLike = asyncio.NewSemaphore(1)
	_ tryLockLike = asyncio.NewBoundedSemaphore(1)
	_ weighted    = asyncio.NewSemaphore(1)
	_ weighted    = asyncio.NewBoundedSemaphore(1)
	_ tryLockLike = new(asyncio.RWLock)
	_ interface {
		AcquireRead(context.Context) error
		TryAcquireRead() bool
		ReleaseRead()
		WithRead(context.Context, func() error) error
	} = new(asyncio.RWLock)
	_ lockLike = asyncio.NewCondition(new(asyncio.Lock))
	_ lockLike = new(asyncio.Condition)
	_ interface {
		Wait(context.Context) error
		WaitFor(context.Context, func() bool) error
		Notify(int)
		NotifyAll()
	} = new(asyncio.Condition)
	_ interface {
		Set()
		Clear()
		IsSet() bool
		Wait(context.Context) error
	} = new(asyncio.Event)
	_ interface {
		Wait(context.Context) (int, error)
		Reset()
		Abort()
		Parties() int
		Waiting() int
		Broken() bool
	} = asyncio.NewBarrier(1)
	_ interface {
		Put(context.Context, int) error
		TryPut(int) error
		Subscribe() *asyncio.Subscriber[int]
		Subscribers() iter.Seq[*asyncio.Subscriber[int]]
		Shutdown(bool)
		Cap() int
	} = asyncio.NewBroadcast[int](0)
	_ interface {
		Get(context.Context) (int, error)
		TryGet() (int, error)
		All(context.Context) iter.Seq2[int, error]
		Len() int
		Close()
	} = new(asyncio.Subscriber[int])
	_ interface {
		Set(int)
		Get() int
		Changes(context.Context) iter.Seq2[int, error]
		Wait(context.Context, func(int) bool) (int, error)
	} = asyncio.NewWatch(0)
	_ queueOfInt = asyncio.NewQueue[int](0)
	_ queueOfInt = asyncio.NewLifoQueue[int](0)
	_ queueOfInt = asyncio.NewPriorityQueue(0, func(a, b int) bool { return a < b })
)
