//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

import (
	"errors"
	"syscall"
)

func reusePort(_, _ string, _ syscall.RawConn) error { return errors.ErrUnsupported }
