// Package lesson has what the programs of the tour use beside the library: a place to
// print to, work that takes time, and parameters. All of it comes with the context, so
// that a lesson reads like any other program.
package lesson

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/asyncio-go/asyncio"
)

// Env is what a lesson runs in. The zero Env prints to standard output, in real time,
// with the defaults of all parameters.
type Env struct {
	Out     io.Writer         // nil: standard output
	Options []asyncio.Option  // for asyncio.Run: who watches, whose clock
	Values  map[string]string // of parameters, by name; see Param.Check
	Pace    Pace              // nil: real time

	// Asked is called for each parameter that the program asks for, with the default that
	// stands in its code. Any goroutine may call it. It may be nil.
	Asked func(name, value string)
}

// A Pace makes work take time. Its methods are called on any goroutine.
type Pace interface {
	// Work keeps a core busy for the time d, by the clock of the lesson.
	Work(ctx context.Context, d time.Duration)
	// Block waits as time.Sleep does, by the clock of the lesson: it blocks its
	// goroutine.
	Block(ctx context.Context, d time.Duration)
}

type key struct{}

// With returns a context in which a lesson runs in env.
func With(ctx context.Context, env *Env) context.Context {
	return context.WithValue(ctx, key{}, env)
}

// Of returns what a lesson runs in.
func Of(ctx context.Context) *Env { return of(ctx) }

func of(ctx context.Context) *Env {
	if env, ok := ctx.Value(key{}).(*Env); ok {
		return env
	}
	return &Env{}
}

// Options returns what a lesson gives to asyncio.Run.
func Options(ctx context.Context) []asyncio.Option { return of(ctx).Options }

// Println prints as fmt.Println does, to where the lesson is shown.
func Println(ctx context.Context, a ...any) {
	fmt.Fprintln(of(ctx).out(), a...)
}

// Printf prints as fmt.Printf does, to where the lesson is shown.
func Printf(ctx context.Context, format string, a ...any) {
	fmt.Fprintf(of(ctx).out(), format, a...)
}

func (e *Env) out() io.Writer {
	if e.Out == nil {
		return os.Stdout
	}
	return e.Out
}

// Work computes for the time d: on a loop, nothing else runs meanwhile.
func Work(ctx context.Context, d time.Duration) { of(ctx).pace().Work(ctx, d) }

// Block is time.Sleep, or any other call that waits and does not know of the loop.
func Block(ctx context.Context, d time.Duration) { of(ctx).pace().Block(ctx, d) }

func (e *Env) pace() Pace {
	if e.Pace == nil {
		return RealTime(1)
	}
	return e.Pace
}
