//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package conn

import (
	"context"
	"syscall"
)

// SendFile reports false: these systems do not have the call of Linux.
func (f *FD) SendFile(context.Context, syscall.RawConn, int64) (n int64, done bool, err error) {
	return 0, false, nil
}
