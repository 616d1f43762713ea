//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

func removeStale(string) bool { return false }
