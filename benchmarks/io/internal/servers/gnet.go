//go:build linux

package servers

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"

	"github.com/panjf2000/gnet/v2"
	"go.uber.org/zap"
)

// serveGnet is the echo server of gnet's own examples, with one loop. gnet
// reads into 64 KiB that all connections share. It has no TLS.
func serveGnet(_ Options, config *tls.Config, ready func(net.Addr)) error {
	if config != nil {
		return errors.New("gnet has no TLS")
	}
	log, err := zap.NewProduction(zap.IncreaseLevel(zap.ErrorLevel)) // gnet's own goes to the standard output
	if err != nil {
		return err
	}
	return gnet.Run(&gnetEcho{ready: ready}, "tcp://"+Address, gnet.WithNumEventLoop(1), gnet.WithLogger(log.Sugar()))
}

type gnetEcho struct {
	gnet.BuiltinEventEngine
	ready func(net.Addr)
}

func (s *gnetEcho) OnBoot(e gnet.Engine) gnet.Action {
	at, err := gnetAddress(e)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return gnet.Shutdown
	}
	s.ready(at)
	return gnet.None
}

// gnetAddress returns the address of the listener, whose port the system has
// chosen.
func gnetAddress(e gnet.Engine) (net.Addr, error) {
	fd, err := e.Dup()
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "listener")
	defer file.Close()
	l, err := net.FileListener(file)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	return l.Addr(), nil
}

func (s *gnetEcho) OnTraffic(c gnet.Conn) gnet.Action {
	in, err := c.Next(-1)
	if err != nil {
		return gnet.Close
	}
	if _, err := c.Write(in); err != nil {
		return gnet.Close
	}
	return gnet.None
}
