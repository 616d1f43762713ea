//go:build !unix

package remote_test

import (
	"errors"
	"os"
)

const haveSignals = false

func sigstop(*os.Process) error { return errors.ErrUnsupported }
func sigcont(*os.Process) error { return errors.ErrUnsupported }
func sigterm(*os.Process) error { return errors.ErrUnsupported }
