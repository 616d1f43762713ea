package asyncio_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// What tasks of the tests fail with.
var (
	errBoom  = errors.New("boom")
	errOther = errors.New("other")
)

func TestErrorValues(t *testing.T) {
	cases := []struct {
		err, is error
		want    bool
	}{
		{asyncio.ErrCanceled, context.Canceled, true},
		{asyncio.ErrCanceled, context.DeadlineExceeded, false},
		{asyncio.ErrTimeout, context.DeadlineExceeded, true},
		{asyncio.ErrTimeout, context.Canceled, false},
		{asyncio.ErrTimeout, asyncio.ErrCanceled, false},
		{context.Canceled, asyncio.ErrCanceled, false},
		{context.DeadlineExceeded, asyncio.ErrTimeout, false},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%q is %q: %v", c.err, c.is, c.want), func(t *testing.T) {
			asynctest.ExpectEqual(t, "Is", errors.Is(c.err, c.is), c.want)
		})
	}
}

type notFound struct{ name string }

func (e *notFound) Error() string { return e.name + " not found" }

func TestExceptionGroup(t *testing.T) {
	missing := &notFound{"x"}
	inner := &asyncio.ExceptionGroup{Message: "inner", Errors: []error{missing, io.EOF}}
	outer := &asyncio.ExceptionGroup{Message: "outer", Errors: []error{errBoom, inner, fmt.Errorf("read: %w", io.EOF)}}
	isEOF := func(err error) bool { return errors.Is(err, io.EOF) }
	leaf := func(match func(error) bool) func(error) bool {
		return func(err error) bool {
			_, isGroup := err.(*asyncio.ExceptionGroup)
			return !isGroup && match(err)
		}
	}

	t.Run("Is and As look inside", func(t *testing.T) {
		asynctest.ExpectIs(t, outer, io.EOF)
		asynctest.ExpectIs(t, outer, errBoom)
		asynctest.ExpectIsNot(t, outer, errOther)
		got, ok := errors.AsType[*notFound](outer)
		asynctest.ExpectEqual(t, "found", ok && got == missing, true)
	})

	t.Run("Split keeps the shape of both halves", func(t *testing.T) {
		match, rest := outer.Split(leaf(isEOF))
		asynctest.ExpectEqual(t, "match", match.Error(), "outer (2 sub-exceptions) [inner (1 sub-exception) [EOF]; read: EOF]")
		asynctest.ExpectEqual(t, "rest", rest.Error(), "outer (2 sub-exceptions) [boom; inner (1 sub-exception) [x not found]]")
	})

	t.Run("Split gives nil where nothing is left", func(t *testing.T) {
		match, rest := outer.Split(leaf(func(error) bool { return false }))
		asynctest.ExpectNil(t, match)
		asynctest.ExpectEqual(t, "rest", rest.Error(), outer.Error())
		match, rest = outer.Split(leaf(func(error) bool { return true }))
		asynctest.ExpectNil(t, rest)
		asynctest.ExpectEqual(t, "match", match.Error(), outer.Error())
	})

	t.Run("Split asks about leaves only", func(t *testing.T) {
		match, rest := outer.Split(isEOF)
		asynctest.ExpectEqual(t, "match", match.Error(), "outer (2 sub-exceptions) [inner (1 sub-exception) [EOF]; read: EOF]")
		asynctest.ExpectEqual(t, "rest", rest.Error(), "outer (2 sub-exceptions) [boom; inner (1 sub-exception) [x not found]]")
	})

	t.Run("Subgroup is the first half", func(t *testing.T) {
		asynctest.ExpectEqual(t, "text", outer.Subgroup(leaf(isEOF)).Error(), "outer (2 sub-exceptions) [inner (1 sub-exception) [EOF]; read: EOF]")
		asynctest.ExpectNil(t, outer.Subgroup(leaf(func(error) bool { return false })))
	})

	t.Run("is not changed by Split", func(t *testing.T) {
		before := outer.Error()
		outer.Split(leaf(isEOF))
		asynctest.ExpectEqual(t, "text", outer.Error(), before)
	})
}

func TestExceptionGroupPrints(t *testing.T) {
	inner := &asyncio.ExceptionGroup{Message: "inner", Errors: []error{errors.Join(errBoom, io.EOF)}}
	panicked := &asyncio.PanicError{Value: "oops", Stack: []byte("at main.go:7")}
	group := &asyncio.ExceptionGroup{Message: "outer", Errors: []error{inner, panicked, nil}, Tasks: []string{"", "worker"}}
	line := "outer (3 sub-exceptions) [inner (1 sub-exception) [boom; EOF]; worker: panicked: oops; <nil>]"
	for format, want := range map[string]string{
		"%v": line, "%s": line, "%q": fmt.Sprintf("%q", line),
		"%+v": "outer (3 sub-exceptions)\n- inner (1 sub-exception)\n  - boom\n    EOF\n- worker: panicked: oops\n  at main.go:7\n- <nil>",
	} {
		asynctest.ExpectEqual(t, format, fmt.Sprintf(format, group), want)
	}
	if s := fmt.Sprintf("%#v", group); !strings.HasPrefix(s, `&asyncio.ExceptionGroup{Message:"outer"`) {
		t.Errorf("%%#v prints %s", s)
	}

	many := &asyncio.ExceptionGroup{Message: "many"}
	for i := range 1000 {
		many.Errors = append(many.Errors, fmt.Errorf("failure %d", i))
	}
	if s := many.Error(); !strings.HasSuffix(s, "; failure 19; and 980 more]") {
		t.Errorf("a group of 1000 prints %q", s)
	}
	if s := fmt.Sprintf("%+v", many); !strings.HasSuffix(s, "\n- failure 999") {
		t.Errorf("%%+v of a group of 1000 ends with %q", s[len(s)-40:])
	}
}

func TestExceptionGroupPrintsInOneLineWhateverIsInIt(t *testing.T) {
	group := &asyncio.ExceptionGroup{Message: "two\nlines", Errors: []error{io.EOF}, Tasks: []string{"a\nb"}}
	asynctest.ExpectEqual(t, "%v", group.Error(), "two; lines (1 sub-exception) [a; b: EOF]")
}

// A wrapper and errors.Join print only a line of what they hold.
func TestExceptionGroupPrintsAllOfWhatIsWrapped(t *testing.T) {
	stack := "goroutine 7 [running]:\nruntime/debug.Stack()\n\t/go/stack.go:26 +0x5e\n" +
		"main.explodes(0x1)\n\t/main.go:7 +0x28\niter.Pull[...].func1()\n\t/go/iter.go:301 +0xe5\n"
	panicked := &asyncio.PanicError{Value: "oops", Stack: []byte(stack)}
	asynctest.ExpectEqual(t, "a panic", fmt.Sprintf("%+v", panicked), "panicked: oops\ngoroutine 7 [running]:\nmain.explodes(0x1)\n\t/main.go:7")
	inner := &asyncio.ExceptionGroup{Message: "inner", Errors: []error{panicked}, Tasks: []string{"worker"}}
	group := &asyncio.ExceptionGroup{Message: "outer", Errors: []error{errors.Join(io.EOF, fmt.Errorf("here: %w", inner)), errBoom}}
	asynctest.ExpectEqual(t, "a group", fmt.Sprintf("%+v", group), strings.Join([]string{
		"outer (2 sub-exceptions)",
		"- EOF",
		"  here: inner (1 sub-exception) [worker: panicked: oops]",
		"    inner (1 sub-exception)",
		"    - worker: panicked: oops",
		"      goroutine 7 [running]:",
		"      main.explodes(0x1)",
		"      \t/main.go:7",
		"- boom",
	}, "\n"))
}

func TestExceptionGroupNamesItsTasks(t *testing.T) {
	asynctest.OnLoop(t, func(ctx context.Context) {
		fails := func(context.Context) error { return errBoom }
		err := asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
			tg.Go(fails, asyncio.Name("first"))
			tg.Go(func(context.Context) error { return nil }, asyncio.Name("fine"))
			tg.Go(func(ctx context.Context) error {
				return cmp.Or(asyncio.Sleep(ctx, time.Millisecond), io.EOF)
			}, asyncio.Name("second"))
			asynctest.ExpectNil(t, asyncio.Sleep(ctx, time.Second))
			return errOther
		}, asyncio.Supervised())
		group, ok := errors.AsType[*asyncio.ExceptionGroup](err)
		if !ok {
			t.Fatalf("WithTaskGroup returned %v", err)
		}
		asynctest.ExpectEqual(t, "tasks", fmt.Sprintf("%q", group.Tasks), `["first" "second" ""]`)
		matching, rest := group.Split(func(err error) bool { return err == io.EOF })
		asynctest.ExpectEqual(t, "matching", matching.Error(), "unhandled errors in a TaskGroup (1 sub-exception) [second: EOF]")
		asynctest.ExpectEqual(t, "rest", rest.Error(), "unhandled errors in a TaskGroup (2 sub-exceptions) [first: boom; other]")

		future := asyncio.NewFuture[struct{}](ctx)
		asynctest.ExpectNil(t, future.SetError(io.EOF))
		_, err = asyncio.Any(ctx, asyncio.Awaitable[struct{}](asyncio.Go(ctx, fails, asyncio.Name("only"))), future)
		asynctest.ExpectEqual(t, "Any", err.Error(), "all awaitables of Any failed (2 sub-exceptions) [only: boom; EOF]")
	})
}
