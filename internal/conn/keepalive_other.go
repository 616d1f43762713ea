//go:build dragonfly || openbsd

package conn

import "net"

// SetKeepAliveConfig makes an FD TCPOptions. These systems do not let a
// program choose the intervals in seconds for one connection.
func (f *FD) SetKeepAliveConfig(c net.KeepAliveConfig) error { return f.SetKeepAlive(c.Enable) }
