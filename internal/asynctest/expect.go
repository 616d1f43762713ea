package asynctest

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/asyncio-go/asyncio"
)

// ExpectEqual expects what it is called to be want.
func ExpectEqual[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// ExpectNil expects no error.
func ExpectNil(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("unexpected error: %v", err)
	}
}

// ExpectIs expects err to be target, in the sense of errors.Is.
func ExpectIs(t *testing.T, err, target error) {
	t.Helper()
	if !errors.Is(err, target) {
		t.Errorf("the error is %v and not %v", err, target)
	}
}

// ExpectIsNot expects err not to be target, in the sense of errors.Is.
func ExpectIsNot(t *testing.T, err, target error) {
	t.Helper()
	if errors.Is(err, target) {
		t.Errorf("the error %v is %v", err, target)
	}
}

// ExpectCanceled looks for the error of a wait that a scope of ours has cut.
func ExpectCanceled(t *testing.T, err error) {
	t.Helper()
	ExpectIs(t, err, asyncio.ErrCanceled)
	ExpectIs(t, err, context.Canceled)
}

// ExpectTimeout looks for the error of a timeout of ours.
func ExpectTimeout(t *testing.T, err error) {
	t.Helper()
	ExpectIs(t, err, asyncio.ErrTimeout)
	ExpectIs(t, err, context.DeadlineExceeded)
	ExpectIsNot(t, err, context.Canceled)
}

// ExpectGroup returns the group that err has to be, of exactly these errors.
func ExpectGroup(t *testing.T, err error, errs ...error) *asyncio.ExceptionGroup {
	t.Helper()
	g, ok := err.(*asyncio.ExceptionGroup)
	if !ok {
		t.Fatalf("the error is not an *ExceptionGroup: %v", err)
	}
	if !slices.Equal(g.Errors, errs) {
		t.Errorf("the group holds %q, want %q", g.Errors, errs)
	}
	return g
}
