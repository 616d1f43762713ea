// With this tag a program is a third shorter, which counts in a browser that does not
// need TLS.

//go:build !asyncio_notls

package streams

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/internal/engine"
	"github.com/asyncio-go/asyncio/internal/option"
)

// A Side says whether this program is the client or the server of a TLS connection.
type Side int

const (
	// Client is the side that begins the handshake, and checks the certificate of the
	// server.
	Client Side = iota
	// Server is the side that has a certificate.
	Server
)

// DialTLS calls Dial and then StartTLS. If the config has no ServerName, DialTLS uses the
// host of the address; a nil config means an empty one. In Python:
// asyncio.open_connection with ssl=.
func DialTLS(ctx context.Context, network, address string, config *tls.Config, opts ...DialOption) (*tls.Conn, error) {
	conn, err := Dial(ctx, network, address, opts...)
	if err != nil {
		return nil, err
	}
	return startTLS(ctx, conn, withServerName(config, address), Client, newDialer(opts).handshake)
}

func withServerName(config *tls.Config, address string) *tls.Config {
	switch {
	case config == nil:
		config = new(tls.Config)
	case config.ServerName != "":
		return config
	default:
		config = config.Clone()
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil { // the path of a Unix socket
		host = address
	}
	config.ServerName = host
	return config
}

// StartTLS begins TLS on a connection that is in use, and suspends the task until the
// handshake is done. The config is as for tls.Server and tls.Client: that of a server has
// a certificate, that of a client has a ServerName or InsecureSkipVerify. The tls.Conn
// suspends the calling task where conn does. If one task reads while another one writes,
// and the peer may be malicious, see [Adopt].
//
// If a reader has read ahead from the connection, pass the result of [ConnWithReader], so
// that these bytes are not lost. If the handshake fails, takes longer than a minute, or
// is canceled, StartTLS closes conn. Close of the tls.Conn sends a goodbye (the alert
// close_notify), takes 5 s at the most for it, and does not wait for the answer; CloseTLS
// does.
//
// Inside a task, use StartTLS or Handshake, and not HandshakeContext: when its context is
// canceled, HandshakeContext waits for a goroutine of its own, and blocks the loop
// meanwhile. In Python: StreamWriter.start_tls, loop.start_tls.
func StartTLS(ctx context.Context, conn net.Conn, config *tls.Config, side Side) (*tls.Conn, error) {
	return startTLS(ctx, conn, config, side, defaultHandshakeTimeout)
}

// StartTLSWith is StartTLS with options: HandshakeTimeout in place of the minute.
func StartTLSWith(ctx context.Context, conn net.Conn, config *tls.Config, side Side, opts ...TLSOption) (*tls.Conn, error) {
	timeout := defaultHandshakeTimeout
	option.Apply(&timeout, opts, TLSOption.setHandshake)
	return startTLS(ctx, conn, config, side, timeout)
}

// CloseTLS sends the goodbye of TLS (the alert close_notify), waits for the goodbye of
// the peer, and closes the connection. So both sides know that nothing was cut off.
// CloseTLS drops what the peer still sends until then. It first writes what a [Writer] on
// the connection keeps; if some of that is lost, the error is an *UnwrittenError.
//
// If the peer closes its connection without a goodbye, the error is io.ErrUnexpectedEOF:
// what it sent may have been cut off. (CloseTLS can notice this only if the tls.Conn is
// on a Conn.) If all this takes longer than timeout, or if ctx is canceled, CloseTLS
// closes the connection all the same, and returns an error that is asyncio.ErrTimeout or
// asyncio.ErrCanceled. A timeout of 0 means the default, 30 s; a negative one means no
// limit.
//
// CloseTLS suspends, and is for tasks. No other task may read or write any more. In
// Python: closing a transport, with ssl_shutdown_timeout.
func CloseTLS(ctx context.Context, conn *tls.Conn, timeout time.Duration) error {
	if conn == nil || conn.NetConn() == nil {
		panic("streams: CloseTLS(nil): pass the connection that StartTLS or DialTLS has returned")
	}
	loop := engine.RunningLoopOf(ctx)
	if loop == nil {
		return asyncio.ErrNoRunningLoop
	}
	var until time.Time
	if timeout >= 0 {
		until = timeIn(loop, cmp.Or(timeout, defaultShutdownTimeout))
	}
	raw := beneath(conn, func(net.Conn) {})
	if err := awaitWritten(ctx, raw, until); err != nil {
		_ = conn.NetConn().Close()
		return err
	}
	err := asyncio.WithTimeoutAt(ctx, until, func(context.Context) error { return exchangeGoodbyes(conn, raw) })
	return cmp.Or(err, conn.NetConn().Close())
}

const defaultShutdownTimeout = 30 * time.Second

func awaitWritten(ctx context.Context, conn *Conn, until time.Time) error {
	if conn == nil {
		return nil
	}
	return conn.h.lowest().awaitWritten(ctx, until)
}

var errNoGoodbye = fmt.Errorf("streams: the other side closed the connection without saying goodbye (close_notify), so what it sent may have been cut off: %w", io.ErrUnexpectedEOF)

// exchangeGoodbyes sends the goodbye, and waits for that of the peer. It asks the
// connection beneath whether that has ended, because package tls reports such an end like
// a goodbye.
func exchangeGoodbyes(conn *tls.Conn, raw *Conn) error {
	if err := conn.CloseWrite(); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, conn); err != nil {
		return err
	}
	if raw != nil && raw.h.ended.Load() {
		return errNoGoodbye
	}
	return nil
}

func startTLS(ctx context.Context, conn net.Conn, config *tls.Config, side Side, timeout time.Duration) (*tls.Conn, error) {
	if config == nil {
		panic("streams: StartTLS with a nil config: pass one with a certificate for a server, or a ServerName for a client")
	}
	if conn == nil {
		panic("streams: StartTLS with a nil connection: pass what Dial or Accept returns")
	}
	var secure *tls.Conn
	switch side {
	case Client:
		secure = tls.Client(conn, config)
	case Server:
		secure = tls.Server(conn, config)
	default:
		panic(fmt.Sprintf("streams: StartTLS on side %d: pass streams.Client or streams.Server", side))
	}
	if err := handshake(ctx, secure, timeout); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}
