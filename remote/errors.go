package remote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sync"

	"github.com/asyncio-go/asyncio"
)

var (
	// ErrWorkerDied is the outcome of a job whose workers have died, or lost their lease,
	// as often as its function allows: see [MaxDeaths] and [NotIdempotent].
	ErrWorkerDied = errors.New("remote: the worker died")
	// ErrExpired is the outcome of a job whose deadline came before a worker took it, and
	// that of a job which has ended so long ago that its result is gone: see [Retain].
	ErrExpired = errors.New("remote: the job has expired")
	// ErrUnknownFunc is returned by Submit for a function, or a version of it, that no
	// worker has ever served, although workers have served others.
	ErrUnknownFunc = errors.New("remote: unknown function")
	// ErrUnknownJob is returned by Attach for a job that is neither queued, nor runs, nor
	// has a result.
	ErrUnknownJob = errors.New("remote: unknown job")
	// ErrTooLarge is returned for an input that is larger than the server takes, and is
	// what a job fails with whose output is.
	ErrTooLarge = errors.New("remote: too large")
	// ErrFull is returned by Submit while the queue of jobs has as many as it may hold.
	ErrFull = errors.New("remote: the queue is full")
	// ErrLost is the outcome of a job that the server does not know any more, for example
	// after a power cut: see the package's documentation.
	ErrLost = errors.New("remote: the server has lost the job")
	// ErrLeaseLost is the cause with which the context of a function is canceled when its
	// worker can no longer be sure that no other worker runs the job.
	ErrLeaseLost = errors.New("remote: the lease is lost")
	// ErrClosed is the outcome of jobs that are pending when their Executor is closed, for
	// those who wait for them here. The jobs go on.
	ErrClosed = errors.New("remote: the executor is closed")
)

// A RemoteError is the error that a function has returned, or its panic, on a worker.
// [errors.Is] finds in it the errors that were registered with RegisterError by the
// worker and the client, and ErrTimeout and ErrCanceled of package asyncio.
type RemoteError struct {
	Func    string // the name of the function
	Worker  string // the name of the worker
	Attempt int    // the first is 1
	Type    string // the type of the error, as %T prints it; "panic" for a panic
	Message string // what it said
	Stack   string // of a panic

	is []string
}

// Error says what the error has said, and where that was.
func (e *RemoteError) Error() string {
	return fmt.Sprintf("%s on %s: %s", e.Func, e.Worker, e.Message)
}

// Is reports whether the error on the worker was one that is registered as target.
func (e *RemoteError) Is(target error) bool {
	registered.Lock()
	defer registered.Unlock()
	return slices.ContainsFunc(e.is, func(name string) bool { return same(registered.errors[name], target) })
}

// registered are the errors that keep their identity on the way.
var registered = struct {
	sync.Mutex
	errors map[string]error
}{errors: map[string]error{
	"asyncio.timeout":           asyncio.ErrTimeout,
	"context.deadline_exceeded": context.DeadlineExceeded,
	"context.canceled":          context.Canceled,
	"asyncio.canceled":          asyncio.ErrCanceled,
	"remote.too_large":          ErrTooLarge,
	"remote.unknown_function":   ErrUnknownFunc,
}}

// RegisterError gives an error a name with which it travels: if a function returns an
// error that is err, so is the RemoteError of its job, in a program that has registered an
// error under the same name. Call it from init, in the package that declares the error. It
// panics if the name is taken. Any goroutine may call it.
func RegisterError(name string, err error) {
	if err == nil || name == "" {
		panic("remote: RegisterError needs a name and an error")
	}
	registered.Lock()
	defer registered.Unlock()
	if old, taken := registered.errors[name]; taken && !same(old, err) {
		panic(fmt.Sprintf("remote: RegisterError(%q): that name stands for the error %q already", name, old))
	}
	registered.errors[name] = err
}

// same reports whether two errors are one. Some cannot be compared.
func same(a, b error) bool { return reflect.ValueOf(a).Comparable() && a == b }

// registeredIn returns the names of the registered errors that err is, in their order.
func registeredIn(err error) (found []string) {
	registered.Lock()
	all := maps.Clone(registered.errors)
	registered.Unlock()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if errors.Is(err, all[name]) {
			found = append(found, name)
		}
	}
	return found
}
