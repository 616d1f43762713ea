//go:build linux

package servers

import (
	"context"
	"crypto/tls"
	"errors"
	"net"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// serveProtocol is ours with callbacks: no task for a connection. All
// connections are read into the same memory.
func serveProtocol(_ Options, config *tls.Config, ready func(net.Addr)) error {
	if config != nil {
		return errors.New("TLS is measured with streams: under a protocol it needs a task, as they do")
	}
	return asyncio.Run(context.Background(), func(ctx context.Context) error {
		l, err := streams.Listen(ctx, "tcp", Address)
		if err != nil {
			return err
		}
		ready(l.Addr())
		return streams.ServeProtocol(ctx, l, func() streams.Protocol { return new(protocolEcho) })
	})
}

// A protocolEcho stops reading while the other side does not read.
type protocolEcho struct {
	streams.BaseProtocol
	transport *streams.Transport
}

func (e *protocolEcho) ConnectionMade(t *streams.Transport) { e.transport = t }

func (e *protocolEcho) DataReceived(p []byte) { e.transport.Write(p) }

func (e *protocolEcho) PauseWriting()  { e.transport.PauseReading() }
func (e *protocolEcho) ResumeWriting() { e.transport.ResumeReading() }
