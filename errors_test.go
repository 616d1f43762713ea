package asyncio_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/asyncio-go/asyncio"
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
			expectEqual(t, "Is", errors.Is(c.err, c.is), c.want)
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
		expectIs(t, outer, io.EOF)
		expectIs(t, outer, errBoom)
		expectIsNot(t, outer, errOther)
		got, ok := errors.AsType[*notFound](outer)
		expectEqual(t, "found", ok && got == missing, true)
	})

	t.Run("Split keeps the shape of both halves", func(t *testing.T) {
		match, rest := outer.Split(leaf(isEOF))
		expectEqual(t, "match", match.Error(), "outer (2 sub-exceptions)\n- inner (1 sub-exception)\n  - EOF\n- read: EOF")
		expectEqual(t, "rest", rest.Error(), "outer (2 sub-exceptions)\n- boom\n- inner (1 sub-exception)\n  - x not found")
	})

	t.Run("Split gives nil where nothing is left", func(t *testing.T) {
		match, rest := outer.Split(leaf(func(error) bool { return false }))
		expectNil(t, match)
		expectEqual(t, "rest", rest.Error(), outer.Error())
		match, rest = outer.Split(leaf(func(error) bool { return true }))
		expectNil(t, rest)
		expectEqual(t, "match", match.Error(), outer.Error())
	})

	t.Run("Split gives the group itself if that matches", func(t *testing.T) {
		match, rest := outer.Split(func(err error) bool { return err == outer })
		expectEqual[error](t, "match", match, outer)
		expectNil(t, rest)
	})

	t.Run("Subgroup is the first half", func(t *testing.T) {
		expectEqual(t, "text", outer.Subgroup(leaf(isEOF)).Error(), "outer (2 sub-exceptions)\n- inner (1 sub-exception)\n  - EOF\n- read: EOF")
		expectNil(t, outer.Subgroup(leaf(func(error) bool { return false })))
	})

	t.Run("is not changed by Split", func(t *testing.T) {
		before := outer.Error()
		outer.Split(leaf(isEOF))
		expectEqual(t, "text", outer.Error(), before)
	})
}
