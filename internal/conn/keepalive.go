//go:build linux || darwin || freebsd || netbsd

package conn

import (
	"cmp"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// keepAliveEvery and keepAliveCount are the defaults of package net.
const (
	keepAliveEvery = 15 * time.Second
	keepAliveCount = 9
)

// SetKeepAliveConfig makes an FD TCPOptions. Zero values are the defaults;
// negative values leave the system's setting alone.
func (f *FD) SetKeepAliveConfig(c net.KeepAliveConfig) error {
	if err := f.SetKeepAlive(c.Enable); err != nil {
		return err
	}
	for option, value := range map[int]int{
		keepAliveIdle:      wholeSeconds(cmp.Or(c.Idle, keepAliveEvery)),
		unix.TCP_KEEPINTVL: wholeSeconds(cmp.Or(c.Interval, keepAliveEvery)),
		unix.TCP_KEEPCNT:   cmp.Or(c.Count, keepAliveCount),
	} {
		if value < 0 {
			continue
		}
		if err := f.setInt(unix.IPPROTO_TCP, option, value); err != nil {
			return err
		}
	}
	return nil
}

// wholeSeconds rounds up; a negative duration stays negative.
func wholeSeconds(d time.Duration) int {
	if d < 0 {
		return -1
	}
	return int((d + time.Second - 1) / time.Second)
}
