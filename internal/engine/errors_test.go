package engine

import (
	"context"
	"strings"
	"testing"
)

// A strangeContext ends with an error that cannot be compared.
type strangeContext struct{ context.Context }

func (strangeContext) Err() error { return strangeError{} }

type strangeError struct{ _ []int }

func (strangeError) Error() string { return "strange" }

func TestForeignError(t *testing.T) {
	t.Run("of a context whose error cannot be compared", func(t *testing.T) {
		err := foreignError(strangeContext{context.Background()})
		if !strings.Contains(err.Error(), "strange") {
			t.Errorf("it is %v", err)
		}
	})
}
