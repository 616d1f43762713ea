package asyncio_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/asynctest"
)

// text is that of an error, or of none.
func text(err error) string { return fmt.Sprint(err) }

// errorSlice is an error that branches and cannot be compared.
type errorSlice []error

func (s errorSlice) Error() string   { return fmt.Sprintf("%d errors", len(s)) }
func (s errorSlice) Unwrap() []error { return s }

func TestExceptIs(t *testing.T) {
	disk := errors.New("disk full")
	group := &asyncio.ExceptionGroup{Message: "g", Errors: []error{io.EOF, disk}}
	for name, test := range map[string]struct {
		err            error
		targets        []error
		matching, rest string
	}{
		"of no error is none":           {nil, []error{io.EOF}, "<nil>", "<nil>"},
		"of a leaf is the leaf":         {io.EOF, []error{io.EOF}, "EOF", "<nil>"},
		"of another leaf is the rest":   {disk, []error{io.EOF}, "<nil>", "disk full"},
		"of a wrapped leaf":             {fmt.Errorf("read: %w", io.EOF), []error{io.EOF}, "read: EOF", "<nil>"},
		"without targets":               {group, nil, "<nil>", group.Error()},
		"of several targets":            {group, []error{fs.ErrExist, io.EOF}, "g (1 sub-exception) [EOF]", "g (1 sub-exception) [disk full]"},
		"of joined errors":              {errors.Join(io.EOF, disk, io.EOF), []error{io.EOF}, "EOF\nEOF", "disk full"},
		"of an error with two inside":   {fmt.Errorf("%w, then %w", io.EOF, disk), []error{io.EOF}, "EOF", "disk full"},
		"in a group in joined errors":   {errors.Join(disk, group), []error{io.EOF}, "g (1 sub-exception) [EOF]", "disk full\ng (1 sub-exception) [disk full]"},
		"keeps the message of wrappers": {fmt.Errorf("job 7: %w", group), []error{io.EOF}, "job 7: g (1 sub-exception) [EOF]", "job 7: g (1 sub-exception) [disk full]"},
	} {
		t.Run(name, func(t *testing.T) {
			matching, rest := asyncio.ExceptIs(test.err, test.targets...)
			asynctest.ExpectEqual(t, "matching", text(matching), test.matching)
			asynctest.ExpectEqual(t, "rest", text(rest), test.rest)
		})
	}
	t.Run("gives the error itself where all of it matches, or nothing", func(t *testing.T) {
		wrapped := fmt.Errorf("job: %w", group)
		matching, rest := asyncio.ExceptIs(wrapped, io.EOF, disk)
		asynctest.ExpectEqual(t, "matching", matching, wrapped)
		asynctest.ExpectNil(t, rest)
		matching, rest = asyncio.ExceptIs(wrapped, fs.ErrExist)
		asynctest.ExpectNil(t, matching)
		asynctest.ExpectEqual(t, "rest", rest, wrapped)
	})
	t.Run("divides errors that cannot be compared", func(t *testing.T) {
		matching, rest := asyncio.ExceptIs(errorSlice{io.EOF, disk}, io.EOF)
		asynctest.ExpectEqual(t, "matching", text(matching), "EOF")
		asynctest.ExpectEqual(t, "rest", text(rest), "disk full")
	})
	t.Run("leaves what errors.Is finds in each half", func(t *testing.T) {
		matching, rest := asyncio.ExceptIs(fmt.Errorf("job: %w", group), io.EOF)
		asynctest.ExpectIs(t, matching, io.EOF)
		asynctest.ExpectIsNot(t, matching, disk)
		asynctest.ExpectIs(t, rest, disk)
		asynctest.ExpectIsNot(t, rest, io.EOF)
	})
}

func TestExceptAs(t *testing.T) {
	one, two := &notFound{"x"}, &notFound{"y"}
	group := &asyncio.ExceptionGroup{Message: "g", Errors: []error{one, io.EOF, fmt.Errorf("again: %w", two)}}
	t.Run("takes out what errors.As finds, in order", func(t *testing.T) {
		got, rest := asyncio.ExceptAs[*notFound](group)
		asynctest.ExpectEqual(t, "how many", len(got), 2)
		asynctest.ExpectEqual(t, "the first", got[0], one)
		asynctest.ExpectEqual(t, "the second", got[1], two)
		asynctest.ExpectEqual(t, "rest", text(rest), "g (1 sub-exception) [EOF]")
	})
	t.Run("leaves an error as it is that has none", func(t *testing.T) {
		got, rest := asyncio.ExceptAs[*notFound](io.EOF)
		asynctest.ExpectEqual(t, "how many", len(got), 0)
		asynctest.ExpectEqual(t, "rest", rest, io.EOF)
	})
	t.Run("of no error is none", func(t *testing.T) {
		got, rest := asyncio.ExceptAs[*notFound](nil)
		asynctest.ExpectEqual(t, "how many", len(got), 0)
		asynctest.ExpectNil(t, rest)
	})
}

// A group of a task group swallows nothing, whatever errors.Is says of it as a
// whole.
func TestSplitSwallowsNothing(t *testing.T) {
	group := &asyncio.ExceptionGroup{Message: "g", Errors: []error{io.EOF, errors.New("disk full")}}
	matching, rest := group.Split(func(err error) bool { return errors.Is(err, io.EOF) })
	asynctest.ExpectEqual(t, "matching", text(matching), "g (1 sub-exception) [EOF]")
	asynctest.ExpectEqual(t, "rest", text(rest), "g (1 sub-exception) [disk full]")
}
