//go:build unix && !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package subprocess

// awaitExit returns false: here one cannot wait without reaping. The leader is reaped as
// soon as it has ended, and the rest of its group is killed a moment later.
func awaitExit(int) bool { return false }
