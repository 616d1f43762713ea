//go:build dragonfly || openbsd

package streams

import "net"

// SetKeepAliveConfig makes a socket an options. These systems do not let a
// program choose the intervals in seconds for one connection.
func (s *socket) SetKeepAliveConfig(c net.KeepAliveConfig) error { return s.SetKeepAlive(c.Enable) }
