package streams_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"
	"testing"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/asynciotest"
	"github.com/asyncio-go/asyncio/streams"
)

// Nil and zero values of what functions of this package make are of no use, and
// say so.
func TestInvalidValues(t *testing.T) {
	asynciotest.Run(t, func(ctx context.Context) {
		for _, w := range []*streams.Writer{nil, new(streams.Writer)} {
			_, err := w.Write([]byte("x"))
			expectError(t, "Writer.Write", err, os.ErrInvalid)
			_, err = w.ReadFrom(&bytes.Buffer{})
			expectError(t, "Writer.ReadFrom", err, os.ErrInvalid)
			expectError(t, "Writer.Drain", w.Drain(ctx), os.ErrInvalid)
			expectError(t, "Writer.WriteEOF", w.WriteEOF(), os.ErrInvalid)
			expectError(t, "Writer.Close", w.Close(), os.ErrInvalid)
			expectError(t, "Writer.Abort", w.Abort(), os.ErrInvalid)
			expectError(t, "Writer.WaitClosed", w.WaitClosed(ctx), os.ErrInvalid)
			if low, high := w.WaterMarks(); w.Buffered() != 0 || w.IsClosing() || low != 0 || high != 0 {
				t.Error("a Writer without a stream says that it has something")
			}
		}
		for _, r := range []*streams.Reader{nil, new(streams.Reader)} {
			for name, read := range map[string]func() error{
				"ReadLine":    func() error { return second(r.ReadLine()) },
				"ReadUntil":   func() error { return second(r.ReadUntil()) },
				"ReadExactly": func() error { return second(r.ReadExactly(1)) },
				"Peek":        func() error { return second(r.Peek(1)) },
				"ReadAll":     func() error { return second(r.ReadAll()) },
				"Read":        func() error { return second(r.Read(make([]byte, 1))) },
				"ReadByte":    func() error { return second(r.ReadByte()) },
				"WriteTo":     func() error { return second(r.WriteTo(io.Discard)) },
				"Lines": func() error {
					for _, err := range r.Lines() {
						return err
					}
					return nil
				},
			} {
				expectError(t, "Reader."+name, read(), os.ErrInvalid)
			}
			if r.Buffered() != 0 || r.AtEOF() {
				t.Error("a Reader without a stream says that it has read something")
			}
		}
		for _, tr := range []*streams.Transport{nil, new(streams.Transport)} {
			expectError(t, "Transport.Write", second(tr.Write([]byte("x"))), os.ErrInvalid)
			expectError(t, "Transport.WriteEOF", tr.WriteEOF(), os.ErrInvalid)
			expectError(t, "Transport.Close", tr.Close(), os.ErrInvalid)
			expectError(t, "Transport.Abort", tr.Abort(), os.ErrInvalid)
			low, high := tr.WaterMarks()
			if tr.Buffered() != 0 || tr.IsClosing() || tr.IsReading() || low != 0 || high != 0 || tr.Conn() != nil || tr.Protocol() != nil {
				t.Error("a Transport without a connection says that it has something")
			}
			const advice = " of a nil or zero Transport: use the one that ConnectionMade is called with"
			expectPanic(t, "streams: Transport.PauseReading"+advice, tr.PauseReading)
			expectPanic(t, "streams: Transport.ResumeReading"+advice, tr.ResumeReading)
			expectPanic(t, "streams: Transport.SetWaterMarks"+advice, func() { tr.SetWaterMarks(0, 0) })
			expectPanic(t, "streams: Transport.SetProtocol"+advice, func() { tr.SetProtocol(&streams.BaseProtocol{}) })
		}
		var conn *streams.Conn
		var pipe *streams.Pipe
		for _, to := range []io.Writer{conn, new(streams.Conn), pipe, new(streams.Pipe)} {
			expectError(t, "Write to nothing", second(streams.NewWriter(to).Write([]byte("x"))), os.ErrInvalid)
			if c, ok := to.(*streams.Conn); ok {
				expectError(t, "Adopt", second(streams.Adopt(ctx, c)), os.ErrInvalid)
				onNothing := must(streams.Adopt(ctx, tls.Client(c, &tls.Config{ServerName: "nothing"})))(t)
				expectError(t, "Write to TLS on nothing", second(onNothing.Write([]byte("x"))), os.ErrInvalid)
				_ = onNothing.Close()
			}
			expectError(t, "ReadLine from nothing", second(streams.NewReader(to.(io.Reader), 0).ReadLine()), os.ErrInvalid)
		}
		for _, l := range []*streams.Listener{nil, new(streams.Listener)} {
			expectError(t, "Serve", streams.Serve(ctx, l, func(context.Context, net.Conn) error { return nil }), os.ErrInvalid)
			expectError(t, "ServeProtocol", streams.ServeProtocol(ctx, l, func() streams.Protocol { return nil }), os.ErrInvalid)
		}
		expectError(t, "ServeGroup", streams.ServeGroup(ctx, new(asyncio.LoopGroup), new(streams.Listener), func(context.Context, net.Conn) error { return nil }), os.ErrInvalid)
		expectError(t, "OpenPipe(nil)", second(streams.OpenPipe(ctx, nil)), os.ErrInvalid)
		expectPanic(t, "streams: NewWriter(nil): pass what is to be written to, a Conn for example", func() { streams.NewWriter(nil) })
		expectPanic(t, "streams: NewReader(nil, ...): pass what is to be read, a Conn for example", func() { streams.NewReader(nil, 0) })
		expectPanic(t, "streams: Writer.SetWaterMarks of a nil Writer: make one with NewWriter", func() { (*streams.Writer)(nil).SetWaterMarks(0, 0) })
		expectPanic(t, "streams: StartTLS with a nil connection: pass what Dial or Accept returns", func() {
			_, _ = streams.StartTLS(ctx, nil, new(tls.Config), streams.Server)
		})
		expectPanic(t, "streams: ConnWithReader with a nil connection or reader: pass the connection, and what has read ahead from it", func() {
			streams.ConnWithReader(nil, nil)
		})
	})
}
