//go:build !(linux || darwin || dragonfly || freebsd || netbsd || openbsd)

package streams

// flagTruncated is the flag of ReadMsgUDP for a packet that did not fit, with its value
// on Linux.
const flagTruncated = 0x20
