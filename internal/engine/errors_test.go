package engine

import (
	"context"
	"strings"
	"testing"
)

// A strangeContext ends with an error that cannot be compared.
type strangeContext struct {
	context.Context
	err error
}

func (c strangeContext) Err() error { return c.err }

// A strangeError is of a type that can be compared, unless the value is of one
// that cannot.
type strangeError struct{ value any }

func (strangeError) Error() string { return "strange" }

func TestForeignError(t *testing.T) {
	t.Run("of a context whose error cannot be compared", func(t *testing.T) {
		err := new(Loop).foreignError(strangeContext{context.Background(), strangeError{[]int{}}})
		if !strings.Contains(err.Error(), "strange") {
			t.Errorf("it is %v", err)
		}
	})
}
