//go:build !windows

package streams

// asEPIPE makes the error of a write to a file syscall.EPIPE, if it means that.
// Here the system itself says so.
func asEPIPE(err error) error { return err }
