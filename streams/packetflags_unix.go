//go:build linux || darwin || dragonfly || freebsd || netbsd || openbsd

package streams

import "golang.org/x/sys/unix"

// flagTruncated is the flag of ReadMsgUDP for a packet that did not fit.
const flagTruncated = unix.MSG_TRUNC
