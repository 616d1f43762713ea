//go:build linux || freebsd || netbsd

package streams

import "golang.org/x/sys/unix"

const keepAliveIdle = unix.TCP_KEEPIDLE
