package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

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
		asynctest.ExpectEqual(t, "match", match.Error(), "outer (2 sub-exceptions)\n- inner (1 sub-exception)\n  - EOF\n- read: EOF")
		asynctest.ExpectEqual(t, "rest", rest.Error(), "outer (2 sub-exceptions)\n- boom\n- inner (1 sub-exception)\n  - x not found")
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
		asynctest.ExpectEqual(t, "match", match.Error(), "outer (2 sub-exceptions)\n- inner (1 sub-exception)\n  - EOF\n- read: EOF")
		asynctest.ExpectEqual(t, "rest", rest.Error(), "outer (2 sub-exceptions)\n- boom\n- inner (1 sub-exception)\n  - x not found")
	})

	t.Run("Subgroup is the first half", func(t *testing.T) {
		asynctest.ExpectEqual(t, "text", outer.Subgroup(leaf(isEOF)).Error(), "outer (2 sub-exceptions)\n- inner (1 sub-exception)\n  - EOF\n- read: EOF")
		asynctest.ExpectNil(t, outer.Subgroup(leaf(func(error) bool { return false })))
	})

	t.Run("is not changed by Split", func(t *testing.T) {
		before := outer.Error()
		outer.Split(leaf(isEOF))
		asynctest.ExpectEqual(t, "text", outer.Error(), before)
	})
}
