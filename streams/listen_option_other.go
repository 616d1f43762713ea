//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

import (
	"errors"
	"net"
	"syscall"
)

func reusePort(_, _ string, _ syscall.RawConn) error { return errors.ErrUnsupported }

func setBacklog(net.Listener, int) error { return errors.ErrUnsupported }
