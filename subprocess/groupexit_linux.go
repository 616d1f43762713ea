package subprocess

import "golang.org/x/sys/unix"

// awaitExit blocks until a child has ended, and does not reap it. It returns false if
// that cannot be done.
func awaitExit(pid int) bool {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return err == nil
		}
	}
}
