package conn

import (
	"cmp"
	"context"
	"syscall"

	"golang.org/x/sys/unix"
)

// sendFileAtOnce bounds what one system call sends, after which the context is
// looked at.
const sendFileAtOnce = 1 << 20

// SendFile sends up to limit bytes of a file. It reports false if the system
// cannot send this file; then nothing was sent.
func (f *FD) SendFile(ctx context.Context, file syscall.RawConn, limit int64) (n int64, done bool, err error) {
	unfit := false
	err = f.writeTurn(ctx, "sendfile", func(sys int) (bool, error) {
		m, err := sendSome(sys, file, int(min(limit-n, sendFileAtOnce)))
		f.loop.Moved(m)
		n += int64(m)
		if n == 0 && (err == unix.EINVAL || err == unix.ENOSYS || err == unix.EOPNOTSUPP) {
			unfit = true
			return true, nil
		}
		return err == nil && m == 0 || n == limit, err
	})
	return n, !unfit, err
}

// writeTurn is WriteCall, again and again until call reports that it is done,
// without the bytes of others in between.
func (f *FD) writeTurn(ctx context.Context, op string, call func(sys int) (done bool, err error)) error {
	w, err := f.beginWrite(ctx, op)
	if err != nil {
		return err
	}
	defer f.turn.end()
	for {
		if err := f.await(w, &f.out, (*writeWait)(f)); err != nil {
			return err
		}
		done, err := call(f.sys)
		if err := f.wrote(op, 0, 0, err); err != nil || done {
			return err
		}
		if w, err = f.begin(ctx, &f.out, op); err != nil {
			return err
		}
	}
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
