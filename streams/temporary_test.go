package streams_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/asyncio-go/asyncio"
	"github.com/asyncio-go/asyncio/streams"
)

// underCanceled returns the error of a call in a canceled scope.
func underCanceled(ctx context.Context, call func(ctx context.Context) error) (err error) {
	_ = asyncio.WithTaskGroup(ctx, func(ctx context.Context, tg *asyncio.TaskGroup) error {
		tg.Cancel()
		err = call(ctx)
		return nil
	})
	return err
}

// underExpired returns the error of a call on a context of package context whose
// deadline has passed.
func underExpired(ctx context.Context, call func(ctx context.Context) error) error {
	ctx, cancel := context.WithDeadline(ctx, time.Unix(1, 0))
	defer cancel()
	return call(ctx)
}

// What is temporary, servers try again for ever; what is not, crypto/tls gives a
// connection up for.
func TestTemporaryAndTimeoutOfErrors(t *testing.T) {
	onSystem(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			client, server := pair(ctx, t, "tcp", "127.0.0.1:0")
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			packets := must(streams.ListenPacket(ctx, "udp", "127.0.0.1:0"))(t)
			r, w := must2(streams.NewPipe(ctx))(t)
			defer w.Close()

			buf := make([]byte, 8)
			read := func(ctx context.Context) error { return second(client.WithContext(ctx).Read(buf)) }
			write := func(ctx context.Context) error { return second(server.WithContext(ctx).Write(buf)) }
			readFile := func(ctx context.Context) error {
				f := must(os.Open("temporary_test.go"))(t)
				defer f.Close()
				return second(server.WithContext(ctx).(*streams.Conn).ReadFrom(f))
			}
			accept := func(ctx context.Context) error { return second(l.AcceptContext(ctx)) }
			acceptNet := func(context.Context) error { return second(l.Accept()) }
			readFrom := func(context.Context) error { _, _, err := packets.ReadFrom(buf); return err }
			writeTo := func(context.Context) error { return second(packets.WriteTo(buf, packets.LocalAddr())) }
			readPipe := func(ctx context.Context) error { return second(r.WithContext(ctx).Read(buf)) }
			dial := func(ctx context.Context) error { return second(streams.Dial(ctx, "tcp", l.Addr().String())) }
			listen := func(ctx context.Context) error { return second(streams.Listen(ctx, "tcp", "localhost:0")) }

			check := func(what string, err error, temporary, timeout bool) {
				t.Helper()
				var t1 interface{ Temporary() bool }
				var t2 interface{ Timeout() bool }
				gotTemporary := errors.As(err, &t1) && t1.Temporary()
				gotTimeout := errors.As(err, &t2) && t2.Timeout()
				if err == nil || gotTemporary != temporary || gotTimeout != timeout {
					t.Errorf("%s: the error is %v, temporary %v, timeout %v; want %v, %v", what, err, gotTemporary, gotTimeout, temporary, timeout)
				}
			}
			type call = func(ctx context.Context) error
			for name, resumed := range map[string]call{"Conn.Read": read, "Conn.Write": write, "Conn.ReadFrom": readFile} {
				check(name+" canceled", underCanceled(ctx, resumed), true, false)
				check(name+" on an expired context", underExpired(ctx, resumed), true, true)
			}
			for name, refused := range map[string]call{"Listener.AcceptContext": accept, "Dial": dial, "Listen": listen, "Pipe.Read": readPipe} {
				check(name+" canceled", underCanceled(ctx, refused), false, false)
			}
			for name, refused := range map[string]call{"Listener.Accept": acceptNet, "PacketConn.ReadFrom": readFrom, "PacketConn.WriteTo": writeTo} {
				check(name+" canceled", underCanceled(ctx, refused), false, false)
			}
			check("Listener.AcceptContext on an expired context", underExpired(ctx, accept), false, true)

			past := time.Now().Add(-time.Second)
			_, _, _, _, _ = client.SetDeadline(past), server.SetDeadline(past), l.SetDeadline(past), packets.SetDeadline(past), r.SetDeadline(past)
			for name, late := range map[string]call{"Conn.Read": read, "Conn.Write": write, "Listener.Accept": accept, "PacketConn.ReadFrom": readFrom, "PacketConn.WriteTo": writeTo, "Pipe.Read": readPipe} {
				check(name+" after its deadline", late(ctx), true, true)
			}
			_, _, _, _, _ = client.Close(), server.Close(), l.Close(), packets.Close(), r.Close()
			for name, closed := range map[string]call{"Conn.Read": read, "Conn.Write": write, "Listener.Accept": accept, "PacketConn.ReadFrom": readFrom, "PacketConn.WriteTo": writeTo, "Pipe.Read": readPipe} {
				check(name+" after Close", closed(ctx), false, false)
			}
			return nil
		})
	})
}

func TestAServerOfNetHTTPEndsWithItsTask(t *testing.T) {
	everyWay(t, func(t *testing.T) {
		run(t, func(ctx context.Context) error {
			l := must(streams.Listen(ctx, "tcp", "127.0.0.1:0"))(t)
			server := asyncio.Go(ctx, func(context.Context) error {
				quiet := &http.Server{Handler: http.NotFoundHandler()}
				return quiet.Serve(l)
			})
			_ = asyncio.Yield(ctx) // it waits in Accept
			server.Cancel()
			_, err := server.Await(ctx)
			expectError(t, "Serve", err, asyncio.ErrCanceled)
			if errors.Is(err, net.ErrClosed) {
				t.Error("the listener was closed")
			}
			return nil
		})
	})
}
