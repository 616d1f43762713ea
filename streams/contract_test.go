package streams_test

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"syscall"

	"github.com/asyncio-go/asyncio/streams"
)

// The names and signatures that programs elsewhere are compiled against. This
// file need not run: it must compile.
type handlerFunc = func(context.Context, net.Conn) error

var (
	_ func(context.Context, string, string, ...streams.DialOption) (*streams.Conn, error)          = streams.Dial
	_ func(context.Context, string, string) (*streams.PacketConn, error)                           = streams.DialPacket
	_ func(context.Context, string, string) (net.Conn, error)                                      = streams.DialContext
	_ func(context.Context, string, string, *tls.Config, ...streams.DialOption) (*tls.Conn, error) = streams.DialTLS
	_ func(context.Context, net.Conn, *tls.Config, streams.Side) (*tls.Conn, error)                = streams.StartTLS
	_ func(context.Context, string, string, ...streams.ListenOption) (*streams.Listener, error)    = streams.Listen
	_ func(context.Context, string, string) (*streams.PacketConn, error)                           = streams.ListenPacket
	_ func(context.Context, net.Listener, handlerFunc, ...streams.ServeOption) error               = streams.Serve
	_ func(io.Reader, int) *streams.Reader                                                         = streams.NewReader
	_ func(io.Writer) *streams.Writer                                                              = streams.NewWriter
	_ net.Listener                                                                                 = (*streams.Listener)(nil)
	_ net.PacketConn                                                                               = (*streams.PacketConn)(nil)
	_ net.Conn                                                                                     = (*streams.PacketConn)(nil)

	_ func(context.Context, ...streams.DialOption) func(context.Context, string, string) (net.Conn, error) = streams.DialShared
	_ func(context.Context, string, []string, ...streams.ListenOption) (*streams.Listener, error)          = streams.ListenAll

	_ = []streams.Side{streams.Client, streams.Server}
)

var (
	_ interface {
		net.Conn
		io.ReaderFrom
		syscall.Conn
		CloseWrite() error
		CloseRead() error
		WithContext(context.Context) net.Conn
	} = (*streams.Conn)(nil)
	_ interface {
		io.Reader
		ReadLine() ([]byte, error)
		ReadUntil(seps ...[]byte) ([]byte, error)
		ReadExactly(n int) ([]byte, error)
	} = (*streams.Reader)(nil)
	_ interface {
		io.Writer
		Drain(context.Context) error
	} = (*streams.Writer)(nil)
)
