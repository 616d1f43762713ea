package remote

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/asyncio-go/asyncio/internal/option"
)

// A Func is a function that workers run. Both ends define it, a client to submit jobs, a
// worker to serve them; in a package that both import, the two cannot differ. Make it with
// Define. Any goroutine may use it.
type Func[In, Out any] struct {
	def definition
	fn  func(ctx context.Context, in In) (Out, error)
}

// Define gives a function a name under which it is called on other machines. In is the
// type of its input and Out that of its output; both travel as bytes, so channels,
// functions and pointers into other data cannot be a part of them. It panics if the name
// is not made of 1 to 64 letters, digits, underlines and hyphens of ASCII, and on a nil
// function. In Python: app.task of Celery, or a plain function with Dask.
//
// The context of fn is canceled when the job is, when its time is over, when the worker
// ends, and when the worker loses its lease; [context.Cause] tells which it was. Inside
// fn, JobOf tells which job it is, and Progress tells the client how far it has come.
func Define[In, Out any](name string, fn func(ctx context.Context, in In) (Out, error), opts ...FuncOption) *Func[In, Out] {
	if fn == nil {
		panic("remote: Define(" + name + ") without a function")
	}
	f := &Func[In, Out]{fn: fn, def: definition{
		name: name, version: "1", maxDeaths: 3, retain: time.Hour, encoding: JSON,
		backoffMin: 100 * time.Millisecond, backoffMax: time.Minute,
	}}
	option.Apply(&f.def, opts, FuncOption.applyFunc)
	for what, s := range map[string]string{"the name": f.def.name, "the version": f.def.version} {
		if err := checkName(what+" of a function,", s); err != nil {
			panic(err.Error())
		}
	}
	f.def.call = f.call
	return f
}

// call runs the function, from bytes to bytes.
func (f *Func[In, Out]) call(ctx context.Context, data []byte) ([]byte, error) {
	var in In
	if err := f.def.encoding.Unmarshal(data, &in); err != nil {
		return nil, &noRetry{fmt.Errorf("the input is no %v: %w", reflect.TypeFor[In](), err)}
	}
	out, err := f.fn(ctx, in)
	if err != nil {
		return nil, err
	}
	body, err := f.def.encoding.Marshal(out)
	if err != nil {
		return nil, &noRetry{fmt.Errorf("the output cannot be sent: %w", err)}
	}
	return body, nil
}

// A noRetry is an error that the next attempt would return, too.
type noRetry struct{ error }

func (e *noRetry) Unwrap() error { return e.error }

// Name returns the name of the function.
func (f *Func[In, Out]) Name() string { return f.def.name }

// Version returns its version: see [Version].
func (f *Func[In, Out]) Version() string { return f.def.version }

func (f *Func[In, Out]) definition() *definition {
	if f == nil || f.def.call == nil {
		panic("remote: a Func that is nil or zero: make it with Define")
	}
	return &f.def
}

// A Registered is a function for Serve: a *Func.
type Registered interface {
	Name() string
	Version() string
	definition() *definition
}

// A definition is a Func without its types.
type definition struct {
	name, version          string
	call                   func(ctx context.Context, data []byte) ([]byte, error)
	encoding               Encoding
	timeout                time.Duration // 0: none
	retries                int
	backoffMin, backoffMax time.Duration
	maxDeaths              int
	retain                 time.Duration
}

// A FuncOption changes how jobs of a function are run: Timeout, Retries, Backoff,
// MaxDeaths, NotIdempotent, Retain, Encode, Version. Those but Encode and Version hold
// where the function is served.
type FuncOption interface{ applyFunc(*definition) }

type funcOption func(*definition)

func (o funcOption) applyFunc(d *definition) { o(d) }

// Timeout limits how long one attempt may run: then its context is canceled, with
// asyncio.ErrTimeout as the cause, and if it returns an error, that is what the job fails
// with. Zero and less are no limit, which is the default. The deadline of Submit's context
// limits the job as a whole.
func Timeout(d time.Duration) FuncOption {
	return funcOption(func(def *definition) { def.timeout = max(d, 0) })
}

// Retries lets a job be run again up to n times after its function has returned an error
// or panicked: see Backoff. Without it, or with less than 1, the first error is the
// outcome. An attempt whose worker died is not counted here: see MaxDeaths.
func Retries(n int) FuncOption {
	return funcOption(func(def *definition) { def.retries = max(n, 0) })
}

// Backoff sets how long a job waits before it is run again: after the first attempt about
// least, then twice as long each time, up to most. The default is 100 ms and a minute.
func Backoff(least, most time.Duration) FuncOption {
	return funcOption(func(def *definition) {
		if least <= 0 || most < least {
			panic(fmt.Sprintf("remote: Backoff(%v, %v): use durations above zero, the smaller one first", least, most))
		}
		def.backoffMin, def.backoffMax = least, most
	})
}

// MaxDeaths sets how many workers may die, or lose their lease, while they run a job:
// after so many, the job ends with ErrWorkerDied. The default is 3. Negative is no limit.
func MaxDeaths(n int) FuncOption {
	return funcOption(func(def *definition) {
		if def.maxDeaths = n; n == 0 {
			def.maxDeaths = 3
		}
	})
}

// title is the function and its version, as they are named together.
func (d *definition) title() string { return consumer(d.name, d.version) }

// notesBegin reports whether workers write down that they begin a job.
func (d *definition) notesBegin() bool { return d.maxDeaths == 1 }

// NotIdempotent says that the function must not be run twice knowingly: if its worker
// dies or loses its lease, the job ends with ErrWorkerDied. It is MaxDeaths(1). A worker
// writes down that it begins such a job, so that one which never began runs all the same:
// that is one more message to be stored. Two runs remain possible if the server loses what
// it knew: see the package's documentation.
func NotIdempotent() FuncOption { return MaxDeaths(1) }

// Retain sets how long a result is kept after a job has ended, for clients that attach
// later, and for Submit with the same ID. It is rounded up to seconds. The default is an
// hour. Let it be longer than the lease: if a worker dies between result and
// acknowledgment, the next one sees by the result that the job has ended.
func Retain(d time.Duration) FuncOption {
	return funcOption(func(def *definition) {
		if d < 0 {
			panic(fmt.Sprintf("remote: Retain(%v): a result is kept for a while", d))
		}
		if def.retain = (d + time.Second - 1).Truncate(time.Second); d == 0 {
			def.retain = time.Hour
		}
	})
}

// Encode sets how inputs and outputs become bytes. The default is JSON.
func Encode(e Encoding) FuncOption {
	if e == nil {
		panic("remote: Encode(nil): leave it out for JSON")
	}
	return funcOption(func(def *definition) { def.encoding = e })
}

// Version sets the version of the function. Jobs go to workers that serve the version
// with which they were submitted, so two versions can be served side by side, by one
// program or several. The default is "1".
func Version(v string) FuncOption { return funcOption(func(def *definition) { def.version = v }) }
