//go:build linux || freebsd || netbsd

package conn

import "golang.org/x/sys/unix"

const keepAliveIdle = unix.TCP_KEEPIDLE
