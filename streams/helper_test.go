package streams_test

import (
	"errors"
	"io"
	"testing"
)

// A source is an io.Reader that returns one of its parts with each Read, and
// io.EOF after the last. A part that is an error is returned as that.
type source struct{ parts []any }

// sourceOf makes a source of strings and errors.
func sourceOf(parts ...any) *source { return &source{parts} }

func (s *source) Read(p []byte) (int, error) {
	if len(s.parts) == 0 {
		return 0, io.EOF
	}
	if err, ok := s.parts[0].(error); ok {
		s.parts = s.parts[1:]
		return 0, err
	}
	part := s.parts[0].(string)
	n := copy(p, part)
	if s.parts = s.parts[1:]; n < len(part) {
		s.parts = append([]any{part[n:]}, s.parts...)
	}
	return n, nil
}

// withLast returns its error together with the last bytes, and then io.EOF.
type withLast struct {
	rest string
	err  error
}

func (w *withLast) Read(p []byte) (int, error) {
	if w.rest == "" {
		return 0, io.EOF
	}
	n := copy(p, w.rest)
	if w.rest = w.rest[n:]; w.rest == "" {
		return n, w.err
	}
	return n, nil
}

var errBroken = errors.New("the wire is broken")

// expect expects a text and an error, in the sense of errors.Is.
func expect(t *testing.T, got []byte, err error, want string, wantErr error) {
	t.Helper()
	if string(got) != want || !errors.Is(err, wantErr) {
		t.Errorf("it returned %.40q, %v; want %.40q, %v", got, err, want, wantErr)
	}
}

// expectPanic expects a panic with advice.
func expectPanic(t *testing.T, want string, fn func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != want {
			t.Errorf("it panicked with %v, want %q", got, want)
		}
	}()
	fn()
}
