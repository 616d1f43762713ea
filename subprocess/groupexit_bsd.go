//go:build darwin || dragonfly || freebsd || netbsd || openbsd

package subprocess

import "golang.org/x/sys/unix"

// awaitExit blocks until a child has ended, and does not reap it. It returns false if
// that cannot be done.
func awaitExit(pid int) bool {
	queue, err := unix.Kqueue()
	if err != nil {
		return false
	}
	defer unix.Close(queue)
	unix.CloseOnExec(queue)
	event := make([]unix.Kevent_t, 1)
	unix.SetKevent(&event[0], pid, unix.EVFILT_PROC, unix.EV_ADD|unix.EV_ONESHOT)
	event[0].Fflags = unix.NOTE_EXIT
	for {
		n, err := unix.Kevent(queue, event, event, nil)
		switch {
		case err == unix.EINTR:
		case err == unix.ESRCH: // it has ended before
			return true
		case err != nil || n == 0:
			return false
		default:
			return event[0].Flags&unix.EV_ERROR == 0 || event[0].Data == int64(unix.ESRCH)
		}
	}
}
