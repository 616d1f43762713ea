package streams

import (
	"cmp"
	"context"
	"syscall"

	"golang.org/x/sys/unix"
)

// So much is sent at once.
const sendFileAtOnce = 1 << 20

// SendFile makes a socket a fileSender.
func (s *socket) SendFile(ctx context.Context, file syscall.RawConn, limit int64) (n int64, done bool, err error) {
	unfit := false
	err = s.WriteTurn(ctx, "sendfile", func(sys int) (bool, error) {
		m, err := sendSome(sys, file, int(min(limit-n, sendFileAtOnce)))
		n += int64(m)
		if n == 0 && (err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP) {
			unfit = true
			return true, nil
		}
		return err == nil && m == 0 || n == limit, err
	})
	return n, !unfit, err
}

func sendSome(sys int, file syscall.RawConn, limit int) (n int, err error) {
	if limit <= 0 {
		return 0, nil
	}
	failed := file.Control(func(fd uintptr) {
		n, err = unix.Sendfile(sys, int(fd), nil, limit)
	})
	return max(n, 0), cmp.Or(failed, err)
}
