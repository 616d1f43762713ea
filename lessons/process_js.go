package lessons

import (
	"context"
	"errors"
)

// runSubprocess replaces the lesson in a browser, which has no processes, so that the
// code that starts processes is not sent to it.
func runSubprocess(context.Context) error { return errors.ErrUnsupported }
