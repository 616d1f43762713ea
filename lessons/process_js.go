package lessons

import (
	"context"
	"errors"
)

// runSubprocess is there because a browser has no processes, and should not be sent what
// starts them.
func runSubprocess(context.Context) error { return errors.ErrUnsupported }
